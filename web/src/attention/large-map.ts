import { el, svg } from "../dom";
import { percent, tokenText } from "../format";
import type { Example } from "../report";
import { facts, hideTooltip, showTooltip } from "../tooltip";
import { drawPattern } from "./heat-map";

const SIDE = 420;
const SMALLEST_LABELLED = 10;
const MARGIN = 52;

export interface LargeMap {
  element: HTMLElement;
  show: (pattern: number[][]) => void;
}

/** One head's pattern, large: queries down, keys across, tokens along both sides when there is room for them. */
export function largeMap(example: Example, chosen: (query: number) => void): LargeMap {
  const n = Math.max(1, example.tokens.length);
  const cell = Math.max(1, Math.floor(SIDE / n));
  const side = n * cell;
  let pattern: number[][] = [];
  const canvas = el("canvas", { class: "pattern", style: `width:${side}px;height:${side}px`, role: "img", "aria-label": "Attention pattern, query by key" });

  canvas.addEventListener("pointermove", (event) => {
    const query = Math.min(n - 1, Math.max(0, Math.floor(event.offsetY / cell)));
    const key = Math.min(n - 1, Math.max(0, Math.floor(event.offsetX / cell)));
    const token = (i: number) => `${tokenText(example.tokens[i] ?? "")} (${i})`;
    chosen(query);
    showTooltip(
      facts(percent(pattern[query]?.[key] ?? 0), [["query", token(query)], ["key", token(key)]]),
      { x: event.clientX, y: event.clientY },
    );
  });
  canvas.addEventListener("pointerleave", hideTooltip);

  const labels = cell >= SMALLEST_LABELLED;
  const element = el(
    "figure",
    { class: "large-map" },
    el("div", { class: "map-grid" }, labels ? axis(example, cell, side, "query") : null, canvas, labels ? el("span") : null, labels ? axis(example, cell, side, "key") : null),
    el("figcaption", {}, "query ↓   key →"),
  );
  if (!labels) element.firstElementChild!.classList.add("bare");
  const show = (next: number[][]) => {
    pattern = next;
    drawPattern(canvas, n, (query, key) => next[query]?.[key] ?? 0);
  };
  return { element, show };
}

function axis(example: Example, cell: number, side: number, which: "query" | "key"): SVGSVGElement {
  const query = which === "query";
  const texts = example.tokens.map(tokenText).map((token, i) => {
    const along = (i + 0.5) * cell;
    const short = token.length > 7 ? `${token.slice(0, 6)}…` : token;
    const [x, y] = query ? [MARGIN - 6, along] : [along, 6];
    return svg("text", { x, y, "text-anchor": "end", transform: query ? null : `rotate(-90 ${x} ${y})` }, short);
  });
  return svg("svg", { class: "axis", width: query ? MARGIN : side, height: query ? side : MARGIN, "aria-hidden": "true" }, ...texts);
}
