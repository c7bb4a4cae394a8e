import { el, svg } from "../dom";
import { count, number, percent } from "../format";
import type { FrontierPoint, Validation } from "../report";
import { facts, hideTooltip, showTooltip } from "../tooltip";
import { ticks } from "./ticks";

const WIDTH = 460;
const HEIGHT = 260;
const DASHES: Record<string, string> = { significance: "8 3 2 3", energy: "2 3", variance: "6 4", nats: "none" };
const PLOT = { left: 66, right: 14, top: 12, bottom: 40 };

/** Edges against match accuracy, one point per coverage; the circuit of this report is the filled diamond. */
export function frontierPlot(validation: Validation, coverage: number | null): HTMLElement {
  const points = [...(validation.frontier ?? [])].sort((a, b) => a.edges - b.edges);
  const others = (validation.selections ?? []).filter(({ selection }) => selection in DASHES);
  const edges = [...points, ...others.flatMap((selection) => selection.points)].map((point) => point.edges);
  const xs = ticks(0, Math.max(...edges, validation.edges));
  const x = (edges: number) => PLOT.left + ((WIDTH - PLOT.left - PLOT.right) * edges) / xs.at(-1)!;
  const y = (accuracy: number) => PLOT.top + (HEIGHT - PLOT.top - PLOT.bottom) * (1 - accuracy);

  const path = (along: { edges: number; match_accuracy: number }[]) =>
    [...along].sort((a, b) => a.edges - b.edges).map((point, i) => `${i === 0 ? "M" : "L"}${x(point.edges).toFixed(1)} ${y(point.match_accuracy).toFixed(1)}`).join("");
  const plot = svg(
    "svg",
    { class: "frontier", width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Match accuracy against number of edges" },
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((value) => [
      svg("line", { class: "grid", x1: PLOT.left, x2: WIDTH - PLOT.right, y1: y(value), y2: y(value) }),
      svg("text", { x: PLOT.left - 8, y: y(value), "text-anchor": "end" }, `${100 * value}%`),
    ]),
    ...xs.map((value) => svg("text", { x: x(value), y: HEIGHT - PLOT.bottom + 16, "text-anchor": "middle" }, count(value))),
    svg("text", { class: "axis-title", x: (PLOT.left + WIDTH - PLOT.right) / 2, y: HEIGHT - 9, "text-anchor": "middle" }, "edges"),
    svg("text", { class: "axis-title", x: 12, y: HEIGHT / 2 - 14, "text-anchor": "middle", transform: `rotate(-90 12 ${HEIGHT / 2 - 14})` }, "match accuracy"),
    ...others.map(({ selection, points: along }) => svg("path", { class: "curve other", "stroke-dasharray": DASHES[selection]!, d: path(along) }, svg("title", {}, `chosen by ${selection}`))),
    svg("path", { class: "curve", d: path(points) }),
    ...points.map((point) => svg("circle", { class: "point", cx: x(point.edges), cy: y(point.match_accuracy), r: 4, tabindex: 0, "aria-label": summary(point) })),
  );
  plot.querySelectorAll(".point").forEach((circle, i) => explain(circle, points[i]!));
  if (validation.match_accuracy !== null) {
    const at = { x: x(validation.edges), y: y(validation.match_accuracy) };
    plot.append(svg("path", { class: "here", d: `M${at.x} ${at.y - 8}l8 8l-8 8l-8 -8z`, "pointer-events": "none" }));
  }
  const which = coverage === null ? "◆ this circuit" : `◆ this circuit (coverage ${percent(coverage)})`;
  const thin = others.length ? " Thin: chosen by nats (solid), variance (dashed), energy (dotted), significance (dash-dot)." : "";
  return el("figure", {}, plot, el("figcaption", {}, `Frontier over coverage. ${which}.${thin}`));
}

function summary(point: FrontierPoint): string {
  return `coverage ${percent(point.coverage)}: ${point.edges} edges, match accuracy ${percent(point.match_accuracy)}`;
}

function explain(circle: Element, point: FrontierPoint): void {
  const show = () => {
    const { right, top } = circle.getBoundingClientRect();
    const rows: [string, string][] = [
      ["edges", count(point.edges)],
      ["match accuracy", percent(point.match_accuracy)],
      ["task accuracy", percent(point.task_accuracy)],
      ["KL", number(point.kl)],
    ];
    showTooltip(facts(`coverage ${percent(point.coverage)}`, rows), { x: right, y: top });
  };
  for (const event of ["pointerenter", "focus"]) circle.addEventListener(event, show);
  for (const event of ["pointerleave", "blur"]) circle.addEventListener(event, hideTooltip);
}
