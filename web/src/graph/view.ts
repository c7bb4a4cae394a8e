import { svg } from "../dom";
import type { Circuit, CircuitEdge } from "../report";
import { hideTooltip, type Place, showTooltip } from "../tooltip";
import { edgeFacts, nodeFacts } from "./describe";
import { drawBox, drawColumnTitles, drawEdge } from "./draw";
import { type Focus, lit, sameFocus, step } from "./focus";
import { layOut } from "./layout";
import { drawEdges } from "./paths";
import { assignPorts } from "./ports";

export interface GraphView {
  element: SVGSVGElement;
  show: (edges: CircuitEdge[]) => void;
}

/** The drawing of the circuit: pointing lights up, a click or Enter pins, Escape lets go, arrow keys walk. */
export function graphView(circuit: Circuit, width: number): GraphView {
  const layout = layOut(circuit, width);
  const lines = svg("g", {});
  const boxes = svg("g", {}, ...[...layout.boxes.values()].map(drawBox));
  const element = svg(
    "svg",
    { class: "graph", width: layout.width, height: layout.height, viewBox: `0 0 ${layout.width} ${layout.height}`, role: "group", "aria-label": "Circuit as a layered graph" },
    drawColumnTitles(layout),
    lines,
    boxes,
  );

  let shown: CircuitEdge[] = [];
  let pinned: Focus | null = null;
  let walker = layout.columns[0]?.ids[0] ?? ""; // the box the keyboard is at, or whose edges it steps through

  const light = (focus: Focus | null, at: Place | null) => {
    const found = focus === null ? null : lit(focus, layout, shown);
    element.classList.toggle("focused", found !== null);
    for (const group of lines.children) group.classList.toggle("lit", found?.edges.has(Number(group.getAttribute("data-edge"))) ?? false);
    for (const group of boxes.children) {
      const id = group.getAttribute("data-node") ?? "";
      group.classList.toggle("lit", found?.nodes.has(id) ?? false);
      group.setAttribute("aria-pressed", String(sameFocus(pinned, { node: id })));
    }
    if (focus === null || at === null) return hideTooltip();
    const box = "node" in focus ? layout.boxes.get(focus.node) : undefined;
    const touching = shown.filter((_, i) => found!.edges.has(i));
    showTooltip(box ? nodeFacts(box.node, touching) : edgeFacts(shown[(focus as { edge: number }).edge]!), at);
  };
  const pin = (focus: Focus | null, at: Place | null) => {
    pinned = sameFocus(focus, pinned) ? null : focus;
    light(pinned ?? focus, at);
  };

  element.addEventListener("pointermove", (event) => {
    if (pinned === null) light(focusOf(event.target), { x: event.clientX, y: event.clientY });
  });
  element.addEventListener("pointerleave", () => pinned ?? light(null, null));
  element.addEventListener("click", (event) => pin(focusOf(event.target), { x: event.clientX, y: event.clientY }));
  element.addEventListener("focusin", (event) => {
    const focus = focusOf(event.target);
    if (focus !== null && "node" in focus) walker = focus.node;
    if (pinned === null) light(focus, beside(event.target));
  });
  element.addEventListener("focusout", () => pinned ?? light(null, null));
  element.addEventListener("keydown", (event) => {
    const at = focusOf(event.target);
    if (event.key === "Escape") pin(null, null);
    else if (event.key === "Enter" || event.key === " ") pin(at, beside(event.target));
    else if (event.key.toLowerCase() === "e") nextEdge(at, event.shiftKey ? -1 : 1);
    else if (event.key.startsWith("Arrow")) walk(step(layout, walker, event.key) ?? walker);
    else return;
    event.preventDefault();
  });

  /** Moves the single tab stop of the graph. */
  const stopAt = (id: string): SVGGElement | undefined => {
    walker = id;
    const groups = [...boxes.children] as SVGGElement[];
    for (const group of groups) group.setAttribute("tabindex", group.getAttribute("data-node") === id ? "0" : "-1");
    return groups.find((group) => group.getAttribute("data-node") === id);
  };
  const walk = (to: string) => stopAt(to)?.focus();
  const nextEdge = (at: Focus | null, by: number) => {
    const own = [...lit({ node: walker }, layout, shown).edges];
    const index = at !== null && "edge" in at ? own.indexOf(at.edge) + by : by > 0 ? 0 : -1;
    const edge = own.at(index % Math.max(1, own.length));
    lines.querySelector<SVGGElement>(`[data-edge="${edge}"]`)?.focus();
  };

  stopAt(walker);
  const show = (edges: CircuitEdge[]) => {
    shown = edges;
    pinned = null;
    lines.replaceChildren(...drawEdges(layout, assignPorts(layout, edges), edges).map((drawn) => drawEdge(drawn, edges.indexOf(drawn.edge))));
    for (const group of boxes.querySelectorAll(".const")) group.toggleAttribute("hidden", !lit({ node: group.getAttribute("data-node")! }, layout, edges).edges.size);
    light(null, null);
  };
  return { element, show };
}

function focusOf(target: EventTarget | null): Focus | null {
  const group = (target as Element | null)?.closest("[data-edge], [data-node]");
  const node = group?.getAttribute("data-node");
  if (node) return { node };
  return group ? { edge: Number(group.getAttribute("data-edge")) } : null;
}

function beside(target: EventTarget | null): Place {
  const { right, top } = (target as Element).getBoundingClientRect();
  return { x: right, y: top };
}
