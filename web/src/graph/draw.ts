import { svg } from "../dom";
import type { CircuitEdge } from "../report";
import { barText } from "./bar-text";
import { describeEdge, describeNode } from "./describe";
import { KINDS } from "./kinds";
import type { Box, Layout } from "./layout";
import type { Drawn } from "./paths";
import { varianceShare } from "./selection";

/** Stroke width: the square root of the share, 0.8 ... 4.5 px. */
export function strokeWidth(edge: CircuitEdge): number {
  return 0.8 + 3.7 * Math.sqrt(Math.min(1, varianceShare(edge)));
}

/** The dash pattern of a kind, stretched with the line so that thick lines do not turn into blocks. */
function dashes(edge: CircuitEdge): string | null {
  const stretch = Math.max(1, strokeWidth(edge) / 2.5);
  return KINDS[edge.kind].dash?.split(" ").map((length) => (Number(length) * stretch).toFixed(1)).join(" ") ?? null;
}

export function drawColumnTitles(layout: Layout): SVGGElement {
  const titles = layout.columns.map((column) =>
    svg("text", { class: "column-title", x: column.x + column.width / 2, y: 14 }, column.title),
  );
  return svg("g", {}, ...titles);
}

/** One edge: what is seen, and a wide transparent path that is easy to point at. */
export function drawEdge({ edge, path, marks }: Drawn, index: number): SVGGElement {
  return svg(
    "g",
    { class: `edge kind-${edge.kind}${edge.in_circuit ? "" : " outside"}`, "data-edge": index, tabindex: -1, role: "button", "aria-label": describeEdge(edge) },
    svg("path", { class: "line", d: path, "stroke-width": strokeWidth(edge), "stroke-dasharray": dashes(edge) }),
    ...marks.map(({ role, x, y }) => svg("circle", { class: `mark ${role}`, cx: x, cy: y, r: 3.2 })),
    svg("path", { class: "hit", d: path }),
  );
}

export function drawBox(box: Box): SVGGElement {
  const { node } = box;
  const lines = barText(node, box.width, box.height);
  const lineHeight = 13;
  const first = box.y + box.height / 2 - ((lines.length - 1) * lineHeight) / 2;
  return svg(
    "g",
    {
      class: `node ${node.kind}${node.in_circuit ? "" : " outside"}`,
      "data-node": box.id,
      tabindex: -1,
      role: "button",
      "aria-pressed": "false",
      "aria-label": describeNode(node),
    },
    svg("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: node.kind === "subspace" ? 3 : box.height / 2.4 }),
    ...lines.map(({ text, muted }, i) =>
      svg("text", { class: muted ? "muted" : null, x: box.x + box.width / 2, y: first + i * lineHeight }, text),
    ),
  );
}
