import { el } from "../dom";
import { percent, words } from "../format";
import type { Example, HeadScores, Pattern, Report } from "../report";
import { missing, section } from "../section";
import { drawPattern, onTheme } from "./heat-map";
import { largeMap } from "./large-map";
import { nulls, scoreNames, scoreOf } from "./scores";
import { tokenRows } from "./tokens";

const LEAD = "Patterns of every head on one example. Choose a head; point at a token to see what it attends to and what attends to it.";

export function attentionSection({ example, heads }: Report): HTMLElement {
  const title = "Attention patterns";
  const scores = heads?.length ? [headScores(heads)] : [];
  if (!example?.patterns.length) {
    return section("attention", title, null, missing("attention patterns", "subspace analyze MODEL --out RUN"), ...scores);
  }
  return section("attention", title, LEAD, ...scores, explorer(example));
}

/** What each head attends to, on average over many samples. */
function headScores(heads: HeadScores[]): HTMLElement {
  const names = scoreNames(heads);
  const head = el("tr", {}, el("th", { scope: "col" }, "head"), ...names.map((name) => el("th", { scope: "col", class: "number" }, words(name))));
  const rows = heads.map((scores) =>
    el("tr", {}, el("th", { scope: "row" }, scores.head), ...names.map((name) => {
      const value = scoreOf(scores, name);
      return el("td", { class: `number${value !== null && value >= 0.5 ? " high" : ""}`, title: nulls(scores, name).map(([kind, chance]) => `${kind} ${percent(chance)}`).join(", ") || null }, percent(value));
    })),
  );
  return el("div", { class: "scroll" }, el("table", { class: "fit" }, el("caption", {}, "Share of attention, mean over samples"), el("thead", {}, head), el("tbody", {}, ...rows)));
}

function explorer(example: Example): HTMLElement {
  const ordered = [...example.patterns].sort((a, b) => a.layer - b.layer || a.head - b.head);
  let pattern: Pattern = ordered[0]!;
  let token = example.tokens.length - 1;
  const tokens = tokenRows(example, (next) => select(pattern, next));
  const map = largeMap(example, (query) => select(pattern, query));

  const thumbnails = ordered.map((candidate) => {
    const canvas = el("canvas", { class: "pattern", "aria-hidden": "true" });
    const thumbnail = el("button", { type: "button", class: "thumbnail", "aria-pressed": "false" }, canvas, `a${candidate.layer}.${candidate.head}`);
    thumbnail.addEventListener("click", () => select(candidate, token));
    return { candidate, canvas, thumbnail };
  });
  const select = (next: Pattern, nextToken: number) => {
    const changed = next !== pattern;
    pattern = next;
    token = nextToken;
    if (changed) map.show(pattern.pattern);
    for (const { candidate, thumbnail } of thumbnails) thumbnail.setAttribute("aria-pressed", String(candidate === pattern));
    tokens.show(pattern.pattern, token);
  };

  onTheme(() => {
    for (const { candidate, canvas } of thumbnails) drawPattern(canvas, example.tokens.length, (query, key) => candidate.pattern[query]?.[key] ?? 0);
    map.show(pattern.pattern);
  });
  select(pattern, token);
  return el(
    "div",
    { class: "attention" },
    el("div", { class: "thumbnails", role: "group", "aria-label": "Heads" }, ...thumbnails.map(({ thumbnail }) => thumbnail)),
    el("div", { class: "attention-body" }, map.element, tokens.element),
  );
}
