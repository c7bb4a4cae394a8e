import { drawPattern, type Scale } from "../attention/heat-map";
import { telling } from "../attention/scores";
import { el } from "../dom";
import { percent, words } from "../format";
import type { HeadScores } from "../report";
import { hideTooltip, showTooltip } from "../tooltip";
import { headName, type PackedPattern } from "./document";
import type { Triangle } from "./triangle";

/** Most pixels of a thumbnail: its size on the page, twice for dense screens. */
const PIXELS = 144;

export interface Grid {
  element: HTMLElement;
  /** Draws every head's pattern on a prompt. */
  draw: (patternOf: (head: string) => Triangle, scale: Scale) => void;
  choose: (head: string) => void;
}

/** All heads, a row for each layer. The arrow keys go from head to head; pointing says what stands there, in the words of `textOf`. */
export function headGrid(
  patterns: PackedPattern[],
  scores: HeadScores[],
  chosen: (head: string) => void,
  textOf: (head: string, query: number, key: number) => string,
): Grid {
  const layers = [...new Set(patterns.map(({ layer }) => layer))].sort((a, b) => a - b);
  const heads = [...new Set(patterns.map(({ head }) => head))].sort((a, b) => a - b);
  const tip = el("div");
  let tokens = 1;
  const cells = patterns.map((pattern) => {
    const name = headName(pattern);
    const canvas = el("canvas", { class: "pattern", "aria-hidden": "true" });
    const cell = el("button", { type: "button", class: "thumbnail", "aria-pressed": "false", tabindex: -1 }, canvas, el("b", {}, name), summary(scores.find(({ head }) => head === name)));
    cell.style.gridArea = `${layers.indexOf(pattern.layer) + 1} / ${heads.indexOf(pattern.head) + 2}`;
    cell.addEventListener("click", () => chosen(name));
    canvas.addEventListener("pointermove", (event) => {
      const place = (offset: number, side: number) => Math.min(tokens - 1, Math.max(0, Math.floor((tokens * offset) / side)));
      tip.textContent = textOf(name, place(event.offsetY, canvas.clientHeight), place(event.offsetX, canvas.clientWidth));
      showTooltip(tip, { x: event.clientX, y: event.clientY });
    });
    canvas.addEventListener("pointerleave", hideTooltip);
    return { ...pattern, name, canvas, cell };
  });
  const labels = layers.map((layer, row) => el("span", { class: "layer", style: `grid-area: ${row + 1} / 1` }, `layer ${layer}`));
  const element = el("div", { class: `heads${heads.length > 4 ? " many" : ""}`, role: "group", "aria-label": "Heads" }, ...labels, ...cells.map(({ cell }) => cell));
  element.style.setProperty("--columns", String(heads.length));

  let current = "";
  element.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const from = cells.find(({ name }) => name === current);
    if (!step || !from) return;
    event.preventDefault();
    const to = cells.find(({ layer, head }) => layers.indexOf(layer) === layers.indexOf(from.layer) + step[0]! && heads.indexOf(head) === heads.indexOf(from.head) + step[1]!);
    if (!to) return;
    chosen(to.name);
    to.cell.focus();
  });
  return {
    element,
    draw: (patternOf, scale) => {
      for (const { name, canvas } of cells) {
        const pattern = patternOf(name);
        tokens = pattern.size;
        drawPattern(canvas, pattern.size, (query, key) => pattern.at(query, key), { scale, most: PIXELS });
      }
    },
    choose: (head) => {
      current = head;
      for (const { name, cell } of cells) {
        cell.setAttribute("aria-pressed", String(name === head));
        cell.tabIndex = name === head ? 0 : -1;
      }
    },
  };
}

function summary(scores: HeadScores | undefined): HTMLElement | null {
  const most = scores ? telling(scores) : null;
  return most === null ? null : el("small", { class: most.value >= 0.5 ? "high" : null }, `${words(most.name)} ${percent(most.value)}`);
}
