import type { CircuitEdge } from "../report";
import type { Layout } from "./layout";
import type { Ports } from "./ports";
import { ends } from "./topology";

/** What is drawn for one edge: a path, and for QK the marks at its query and key ends. */
export interface Drawn {
  edge: CircuitEdge;
  path: string;
  marks: { role: "query" | "key"; x: number; y: number }[];
}

const FIRST_LANE = 13;

/** Paths of all edges. Residual edges are curves from left to right; QK edges are brackets with a stub into the head. */
export function drawEdges(layout: Layout, ports: Ports, edges: CircuitEdge[]): Drawn[] {
  const lanes = bracketLanes(layout, edges);
  return edges.flatMap((edge) => {
    const port = ports.get(edge)!;
    return (edge.kind === "qk" ? bracket(layout, port, edge, lanes.get(edge) ?? 0) : flow(layout, port, edge)) ?? [];
  });
}

type Port = Ports extends Map<CircuitEdge, infer P> ? P : never;

function flow(layout: Layout, port: Port, edge: CircuitEdge): Drawn | null {
  const { from, to } = ends(edge);
  const source = layout.end(edge, from);
  const target = layout.end(edge, to);
  if (source === undefined || target === undefined) return null;
  const start = { x: source.x + source.width, y: port.from! };
  const end = { x: target.x, y: port.to! };
  const component = edge.via === null ? undefined : layout.boxes.get(edge.via);
  if (component === undefined || component === source) return { edge, path: `M${at(start)}${curve(start, end)}`, marks: [] };

  const enter = { x: component.x, y: port.in! };
  const leave = { x: component.x + component.width, y: port.in! };
  return { edge, path: `M${at(start)}${curve(start, enter)}L${at(leave)}${curve(leave, end)}`, marks: [] };
}

function bracket(layout: Layout, port: Port, edge: CircuitEdge, lane: number): Drawn | null {
  const { from, to } = ends(edge);
  const query = layout.end(edge, from);
  const key = layout.end(edge, to);
  const head = layout.boxes.get(edge.via ?? "");
  if (query === undefined || key === undefined || head === undefined) return null;

  const marks: Drawn["marks"] = [
    { role: "query", x: query.x + query.width + 4, y: port.query! },
    { role: "key", x: key.x + key.width + 4, y: port.key! },
  ];
  const [top, bottom] = marks[0]!.y < marks[1]!.y ? [marks[0]!, marks[1]!] : [marks[1]!, marks[0]!];
  const x = top.x - 4 + lane;
  const r = Math.min(4, (bottom.y - top.y) / 2);
  const inset = Math.min(r, (bottom.y - top.y) / 2);
  const stub = { x, y: Math.min(Math.max(port.in!, top.y + inset), bottom.y - inset) };
  const end = { x: head.x, y: port.in! };
  const path =
    `M${top.x} ${round(top.y)}H${round(x - r)}q${r} 0 ${r} ${r}V${round(bottom.y - r)}q0 ${r} ${-r} ${r}H${bottom.x}` +
    `M${at(stub)}${curve(stub, end)}`;
  return { edge, path, marks };
}

/** How far from the bars each bracket stands: brackets of one column stand side by side, short ones inside. */
function bracketLanes(layout: Layout, edges: CircuitEdge[]): Map<CircuitEdge, number> {
  const columns = new Map<number, { edge: CircuitEdge; height: number; room: number }[]>();
  for (const edge of edges) {
    const query = layout.end(edge, edge.query ?? "const");
    const key = layout.end(edge, edge.key ?? "const");
    const head = layout.boxes.get(edge.via ?? "");
    if (edge.kind !== "qk" || !query || !key || !head) continue;
    if (!columns.has(query.x)) columns.set(query.x, []);
    const room = head.x - query.x - query.width - FIRST_LANE - 10;
    columns.get(query.x)!.push({ edge, height: Math.abs(query.y - key.y), room });
  }
  const lanes = new Map<CircuitEdge, number>();
  for (const column of columns.values()) {
    column.sort((a, b) => a.height - b.height);
    column.forEach(({ edge, room }, i) => {
      const step = Math.min(8, Math.max(4, room) / column.length);
      lanes.set(edge, FIRST_LANE + i * step);
    });
  }
  return lanes;
}

interface Point {
  x: number;
  y: number;
}

function curve(a: Point, b: Point): string {
  const x = round((a.x + b.x) / 2);
  return `C${x} ${round(a.y)} ${x} ${round(b.y)} ${at(b)}`;
}

function at(point: Point): string {
  return `${round(point.x)} ${round(point.y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
