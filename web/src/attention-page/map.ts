import { drawPattern, type Scale } from "../attention/heat-map";
import { el, svg } from "../dom";
import { tokenText } from "../format";
import type { Triangle } from "./triangle";

const SIDE = 480;
const MARGIN = 58;
const LABEL = 12;

export interface HeadMap {
  element: HTMLElement;
  /** Another prompt: new axes. */
  setTokens: (tokens: string[]) => void;
  draw: (pattern: Triangle, scale: Scale) => void;
  /** Moves the crosshair; null hides one of its lines. */
  point: (query: number | null, key: number | null) => void;
}

/** One head's pattern, large: queries down, keys across. Pointing moves an overlay; nothing is drawn anew. */
export function headMap(pointed: (query: number, key: number) => void, left: () => void, chosen: (query: number) => void): HeadMap {
  const canvas = el("canvas", { class: "pattern", role: "img", "aria-label": "Attention pattern, query by key" });
  const row = el("i", { class: "cross" });
  const column = el("i", { class: "cross" });
  const queryName = el("span", { class: "axis-now query" });
  const keyName = el("span", { class: "axis-now key" });
  const plane = el("div", { class: "plane" }, canvas, row, column);
  const queries = svg("svg", { class: "axis", "aria-hidden": "true" });
  const keys = svg("svg", { class: "axis", "aria-hidden": "true" });
  const element = el("div", { class: "head-map" }, el("div", { class: "along" }, queries, queryName), plane, el("span"), el("div", { class: "along" }, keys, keyName));
  let names: string[] = [];
  let cell = 1;
  const place = (offset: number) => Math.min(names.length - 1, Math.max(0, Math.floor(offset / cell)));
  canvas.addEventListener("pointermove", (event) => pointed(place(event.offsetY), place(event.offsetX)));
  canvas.addEventListener("pointerleave", left);
  canvas.addEventListener("click", (event) => chosen(place(event.offsetY)));

  return {
    element,
    setTokens: (tokens) => {
      names = tokens.map((token) => cut(tokenText(token)));
      cell = cellSize(tokens.length);
      const side = cell * tokens.length;
      plane.style.width = plane.style.height = `${side}px`;
      row.style.height = column.style.width = `${cell}px`;
      axis(queries, names, cell, true);
      axis(keys, names, cell, false);
    },
    draw: (pattern, scale) => drawPattern(canvas, pattern.size, (query, key) => pattern.at(query, key), { scale }),
    point: (query, key) => {
      move(row, queryName, query, query === null ? "" : `translateY(${query * cell}px)`, query === null ? "" : `translateY(${(query + 0.5) * cell}px) translateY(-50%)`);
      move(column, keyName, key, key === null ? "" : `translateX(${key * cell}px)`, key === null ? "" : `translateX(${(key + 0.5) * cell}px) translateX(-50%)`);
    },
  };

  function move(line: HTMLElement, label: HTMLElement, index: number | null, linePlace: string, labelPlace: string): void {
    line.style.visibility = label.style.visibility = index === null ? "hidden" : "visible";
    if (index === null) return;
    line.style.transform = linePlace;
    label.style.transform = labelPlace;
    label.textContent = names[index] ?? "";
  }
}

/** Whole pixels, so that no row is wider than another; at least two, as far as that stays on a screen. */
export function cellSize(tokens: number): number {
  const fitting = Math.floor(SIDE / Math.max(1, tokens));
  return Math.min(40, fitting >= 2 ? fitting : tokens <= 600 ? 2 : 1);
}

/** From one label to the next, so that labels of some height do not overlap: 1, 2, 5, 10, ... */
export function labelStep(cell: number, height = LABEL): number {
  const least = height / cell;
  for (let decade = 1; ; decade *= 10) for (const step of [decade, 2 * decade, 5 * decade]) if (step >= least) return step;
}

function axis(element: SVGSVGElement, names: string[], cell: number, isQuery: boolean): void {
  const side = cell * names.length;
  element.setAttribute("width", String(isQuery ? MARGIN : side));
  element.setAttribute("height", String(isQuery ? side : MARGIN));
  const step = labelStep(cell);
  const texts = names.flatMap((name, i) => {
    if (i % step !== 0) return [];
    const along = (i + 0.5) * cell;
    const [x, y] = isQuery ? [MARGIN - 6, along] : [along, 6];
    return [svg("text", { x, y, "text-anchor": "end", transform: isQuery ? null : `rotate(-90 ${x} ${y})` }, name)];
  });
  element.replaceChildren(...texts);
}

export function cut(text: string, length = 8): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
