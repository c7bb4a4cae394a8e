import type { HeadScores } from "../report";

/** Fields of a head that hold the same scores measured where they should mean nothing, and what that is. */
const NULLS = { shuffled: "on shuffled sequences", uniform: "of uniform attention" };

/** Fields of a head that are no scores. */
const OTHERS = ["head", "layer", "verdict"];

/** Names of all scores, in the order in which they come; a score that no query counts for is null and is named too. */
export function scoreNames(heads: HeadScores[]): string[] {
  const isScore = ([name, value]: [string, unknown]) => !OTHERS.includes(name) && (value === null || typeof value === "number");
  return [...new Set(heads.flatMap((head) => Object.entries(head).filter(isScore).map(([name]) => name)))];
}

export function scoreOf(head: HeadScores, name: string): number | null {
  const value = head[name];
  return typeof value === "number" ? value : null;
}

/** What the score is where it should mean nothing: on shuffled sequences, and for uniform attention. */
export function nulls(head: HeadScores, name: string): [string, number][] {
  return Object.keys(NULLS).flatMap((kind): [string, number][] => {
    const scores = head[kind];
    const value = typeof scores === "object" && scores !== null ? scores[name] : null;
    return typeof value === "number" ? [[kind, value]] : [];
  });
}

/** What the nulls of some heads are: "on shuffled sequences"; empty where there are none. */
export function nullsText(heads: HeadScores[]): string {
  const there = Object.entries(NULLS).filter(([kind]) => heads.some((head) => typeof head[kind] === "object" && head[kind] !== null));
  return there.map(([, text]) => text).join(" or ") + (there.length > 1 ? ", whichever is more" : "");
}

/** The greater of a score's nulls, or null where it has none. */
export function greatestNull(head: HeadScores, name: string): number | null {
  const found = nulls(head, name).map(([, value]) => value);
  return found.length === 0 ? null : Math.max(...found);
}

/** Whether the head is needed, in a word and, where that was said, in a sentence. */
export function redundancy({ redundancy: said }: HeadScores): { verdict: string; text: string | null } | null {
  if (typeof said === "string") return { verdict: said, text: null };
  if (typeof said !== "object" || typeof said?.verdict !== "string") return null;
  return { verdict: said.verdict, text: typeof said.text === "string" ? said.text : null };
}

/** The score that tells most about a head: the one that is furthest above its null. */
export function telling(head: HeadScores): { name: string; value: number } | null {
  const excess = ({ name, value }: { name: string; value: number }) => value - (greatestNull(head, name) ?? 0);
  const scores = scoreNames([head]).flatMap((name) => {
    const value = scoreOf(head, name);
    return value === null ? [] : [{ name, value }];
  });
  return scores.length === 0 ? null : scores.reduce((best, score) => (excess(score) > excess(best) ? score : best));
}
