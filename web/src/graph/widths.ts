import type { CircuitEdge } from "../report";
import type { Topology } from "./topology";

/** Horizontal measures of the graph. */
export interface Widths {
  bar: number;
  gap: number;
  end: number;
  total: number;
  inputX: number;
  outputX: number;
  siteX: (index: number) => number;
}

const PAD = 8;
const TIGHT = { bar: 52, gap: 82, end: 42, endGap: 24 };
const ROOMY = { bar: 80, gap: 236, end: 54, endGap: 96 };

/** Spreads the columns over the available width, between a tight and a roomy measure; beyond that the graph scrolls. */
export function widths(topology: Topology, edges: CircuitEdge[], available: number): Widths {
  const n = topology.sites.length;
  const more = roomForMany(topology, edges);
  const total = (m: typeof TIGHT) =>
    2 * PAD + n * m.bar + (n - 1) * (m.gap + more) + 2 * (m.end + m.endGap);
  const t = Math.min(1, Math.max(0, (available - total(TIGHT)) / (total(ROOMY) - total(TIGHT))));
  const mix = (key: keyof typeof TIGHT) => Math.floor(TIGHT[key] + t * (ROOMY[key] - TIGHT[key]));

  const measure = { bar: mix("bar"), gap: mix("gap") + more, end: mix("end"), endGap: mix("endGap") };
  const siteX = (index: number) =>
    PAD + measure.end + measure.endGap + index * (measure.bar + measure.gap);
  return {
    bar: measure.bar,
    gap: measure.gap,
    end: measure.end,
    total: total({ ...measure, gap: measure.gap - more }),
    inputX: PAD,
    outputX: siteX(n - 1) + measure.bar + measure.endGap,
    siteX,
  };
}

const UNCROWDED = 12;

/** Extra width of every gap where many edges of the circuit run through the components of one gap. */
function roomForMany(topology: Topology, edges: CircuitEdge[]): number {
  const through = new Map<string, number>();
  for (const edge of edges) {
    if (edge.in_circuit && edge.via !== null) through.set(edge.via, (through.get(edge.via) ?? 0) + 1);
  }
  const crowd = topology.components.map((nodes) => nodes.reduce((sum, node) => sum + (through.get(node.id) ?? 0), 0));
  return Math.min(160, Math.max(0, 2 * (Math.max(...crowd, 0) - UNCROWDED)));
}
