import { el } from "../dom";
import { percent, tokenText } from "../format";
import type { Prompt } from "./document";
import type { Triangle } from "./triangle";

const SHOWN = 5;

export interface Details {
  element: HTMLElement;
  show: (prompt: Prompt, pattern: Triangle, token: number, isLocked: boolean) => void;
}

/** One token in words: what the model predicts there, what it reads most and what reads it most. The lines stay, their text changes. */
export function details(): Details {
  const title = el("h4");
  const answer = el("p", { class: "answer" });
  const reads = list("reads");
  const readBy = list("is read by");
  const element = el("div", { class: "details" }, title, answer, el("div", { class: "both" }, reads.element, readBy.element));
  const show = (prompt: Prompt, pattern: Triangle, token: number, isLocked: boolean) => {
    title.textContent = `${named(prompt, token)}${isLocked ? " · locked (click again or Esc)" : ""}`;
    answer.textContent = verdict(prompt, token);
    reads.show(prompt, largest(pattern.size, (key) => pattern.at(token, key)));
    readBy.show(prompt, largest(pattern.size, (query) => (query === token ? 0 : pattern.at(query, token))));
  };
  return { element, show };
}

/** "7 at 12". */
export const named = (prompt: Prompt, token: number): string => `“${tokenText(prompt.tokens[token] ?? "")}” at ${token}`;

/** "query “7” at 12 → key “3” at 4: 98.0%". */
export const pairText = (prompt: Prompt, pattern: Triangle, query: number, key: number): string =>
  `query ${named(prompt, query)} → key ${named(prompt, key)}: ${percent(pattern.at(query, key))}`;

function verdict({ tokens, supervised, predicted, right }: Prompt, token: number): string {
  const next = tokens[token + 1];
  const says = `predicts ${tokenText(predicted[token] ?? "")}`;
  const follows = next === undefined ? "" : `; next token ${tokenText(next)}`;
  return supervised[token] ? `${says}, ${right[token] ? "right" : "wrong"}${follows}` : `${says}, not scored${follows}`;
}

/** The greatest entries in order, without those that round to nothing. */
export function largest(size: number, at: (i: number) => number): { index: number; value: number }[] {
  const best: { index: number; value: number }[] = [];
  for (let index = 0; index < size; index++) {
    const value = at(index);
    if (value < 0.001 || (best.length === SHOWN && value <= best[SHOWN - 1]!.value)) continue;
    const place = best.findIndex((other) => other.value < value);
    best.splice(place < 0 ? best.length : place, 0, { index, value });
    if (best.length > SHOWN) best.pop();
  }
  return best;
}

function list(title: string): { element: HTMLElement; show: (prompt: Prompt, found: { index: number; value: number }[]) => void } {
  const lines = Array.from({ length: SHOWN }, () => {
    const [name, value] = [el("span"), el("span", { class: "number" })];
    return { name, value, element: el("li", {}, name, value) };
  });
  const element = el("div", {}, el("h5", {}, title), el("ol", {}, ...lines.map((line) => line.element)));
  const show = (prompt: Prompt, found: { index: number; value: number }[]) =>
    lines.forEach(({ name, value }, i) => {
      const entry = found[i];
      name.textContent = entry ? named(prompt, entry.index) : i === 0 ? "nothing" : "";
      value.textContent = entry ? percent(entry.value) : "";
    });
  return { element, show };
}
