import { button, el } from "../dom";
import { download } from "../files";
import { count } from "../format";
import type { Circuit, Report } from "../report";
import { missing, section } from "../section";
import { graphControls } from "./controls";
import { DEFAULT_SELECTION, isSelected, type Selection, varianceShare } from "./selection";
import { standaloneSvg } from "./standalone";
import { graphView } from "./view";

const LEAD =
  "Columns are residual-stream sites, bars their subspaces (height = dimension). Heads and MLPs stand between the site they read and " +
  "the site they write. Line width is the square root of the variance share. A QK bracket joins a query subspace (○) with a key subspace (●).";
const HINT = "Point at a node or an edge for its scores, click to pin. With the keyboard: arrow keys walk, E steps through the edges of a node, Enter pins, Escape lets go.";
const MOST_DRAWN = 2000;
const UNMOUNTED_WIDTH = 1180;

export function graphSection(report: Report): HTMLElement {
  const title = "Circuit";
  if (!report.circuit) return section("circuit", title, null, missing("circuit", "subspace circuit RUN"));
  return section("circuit", title, LEAD, ...graphWithControls(report.circuit, report.title));
}

function graphWithControls(circuit: Circuit, name: string): Node[] {
  const frame = el("div", { class: "frame scroll" });
  const limit = el("p", { class: "hint" }, HINT);
  let view = graphView(circuit, UNMOUNTED_WIDTH);
  let selection = DEFAULT_SELECTION;

  const draw = () => {
    const chosen = circuit.edges.filter((edge) => isSelected(edge, selection));
    const drawn = chosen.sort((a, b) => varianceShare(b) - varianceShare(a)).slice(0, MOST_DRAWN);
    limit.textContent = chosen.length > MOST_DRAWN ? `The strongest ${count(MOST_DRAWN)} of ${count(chosen.length)} edges are drawn. ${HINT}` : HINT;
    view.show(drawn.reverse()); // strongest last: on top
  };
  const controls = graphControls(circuit.edges, (next: Selection) => {
    selection = next;
    draw();
  });
  onWidth(frame, (width) => {
    view = graphView(circuit, width);
    frame.replaceChildren(view.element);
    draw();
  });
  frame.replaceChildren(view.element);

  const save = button("Save as SVG", () => download(`${name}.svg`, "image/svg+xml", standaloneSvg(view.element)));
  return [controls, frame, el("div", { class: "below" }, limit, save)];
}

/** Calls back with the inner width of an element, at first and whenever it changes. */
function onWidth(element: HTMLElement, changed: (width: number) => void): void {
  if (typeof ResizeObserver === "undefined") return;
  let last = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry!.contentRect.width);
    if (width === last || width === 0) return;
    last = width;
    changed(width);
  }).observe(element);
}
