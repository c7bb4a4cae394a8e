import type { Circuit, CircuitEdge, CircuitNode } from "../report";
import { orderSubspaces } from "./order";
import { spread } from "./spread";
import { ends, type Topology, topology } from "./topology";
import { widths } from "./widths";

export interface Box {
  id: string;
  node: CircuitNode;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Column {
  title: string;
  x: number;
  width: number;
  ids: string[];
}

export interface Layout {
  width: number;
  height: number;
  boxes: Map<string, Box>;
  columns: Column[];
  /** The box at one end of an edge; `const` has a box of its own in every column that needs it. */
  end: (edge: CircuitEdge, id: string) => Box | undefined;
}

const TOP = 34;
const BOTTOM = 12;
const BAR_GAP = 10;
const MIN_BAR = 16;
const CONST_HEIGHT = 18;
const COMPONENT = { width: 40, height: 26 };

/**
 * Columns from the embedding to the logits: sites as stacks of bars, height proportional to dimension (never under
 * 16 px), and between two sites the heads and MLPs that read the one and write the other.
 */
export function layOut(circuit: Circuit, available: number): Layout {
  const order = orderSubspaces(topology(circuit), circuit.edges);
  const size = widths(order, circuit.edges, available);
  const boxes = new Map<string, Box>();
  const columns: Column[] = [];
  const constants = constantSites(order, circuit.edges);
  const bars = barHeights(order);
  const height = Math.max(...bars.map(stackHeight), ...order.components.map((nodes) => nodes.length * 34), 160);

  const put = (title: string, x: number, width: number, items: Box[]) => {
    for (const box of items) boxes.set(box.id, box);
    columns.push({ title, x, width, ids: items.map((box) => box.id) });
  };

  order.sites.forEach(({ site, subspaces }, i) => {
    const x = size.siteX(i);
    let y = TOP + (height - stackHeight(bars[i]!)) / 2;
    const stack = subspaces.map((node, k) => {
      const box = { id: node.id, node, x, y, width: size.bar, height: bars[i]![k]! };
      y += box.height + BAR_GAP;
      return box;
    });
    if (constants.has(i)) {
      const node: CircuitNode = { id: "const", kind: "const", site, layer: null, size: null, label: null, in_circuit: true };
      stack.push({ id: `const@${i}`, node, x, y: TOP + height + BAR_GAP, width: size.bar, height: CONST_HEIGHT });
    }
    put(site, x, size.bar, stack);
  });

  const rows = { top: TOP, bottom: TOP + height };
  order.components.forEach((nodes, i) => {
    if (nodes.length === 0) return;
    const x = size.siteX(i) + size.bar + size.gap / 2 + 8 - COMPONENT.width / 2;
    put(componentTitle(nodes), x, COMPONENT.width, spread(nodes, x, COMPONENT, boxes, circuit.edges, rows));
  });
  const end = { width: size.end, height: 30 };
  if (order.inputs.length > 0) put("", size.inputX, size.end, spread(order.inputs, size.inputX, end, boxes, circuit.edges, rows));
  if (order.outputs.length > 0) put("", size.outputX, size.end, spread(order.outputs, size.outputX, end, boxes, circuit.edges, rows));
  columns.sort((a, b) => a.x - b.x);

  return {
    width: size.total,
    height: TOP + height + (constants.size > 0 ? BAR_GAP + CONST_HEIGHT : 0) + BOTTOM,
    boxes,
    columns,
    end: (edge, id) => boxes.get(id === "const" ? `const@${readSite(order, edge)}` : id),
  };
}

/** Pixels per dimension: enough to write on the smallest subspace, within 300 ... 520 px for a whole site. */
function barHeights(order: Topology): number[][] {
  const sizes = order.sites.map(({ subspaces }) => subspaces.map((node) => node.size ?? 1));
  const smallest = Math.min(...sizes.flat(), Infinity);
  const total = Math.max(...sizes.map((column) => column.reduce((a, b) => a + b, 0)), 1);
  const scale = Math.min(520 / total, Math.max(300 / total, 40 / smallest));
  return sizes.map((column) => column.map((dimensions) => Math.max(MIN_BAR, dimensions * scale)));
}

function stackHeight(bars: number[]): number {
  return bars.reduce((a, b) => a + b, 0) + BAR_GAP * Math.max(0, bars.length - 1);
}

function componentTitle(nodes: CircuitNode[]): string {
  const kinds = new Set(nodes.map((node) => (node.kind === "mlp" ? "MLP" : "attention")));
  return [...kinds].join(" + ");
}

/** Index of the site that the edge's component reads. */
function readSite(order: Topology, edge: CircuitEdge): number {
  return order.components.findIndex((nodes) => nodes.some((node) => node.id === edge.via));
}

function constantSites(order: Topology, edges: CircuitEdge[]): Set<number> {
  const constant = edges.filter((edge) => Object.values(ends(edge)).includes("const"));
  return new Set(constant.map((edge) => readSite(order, edge)).filter((i) => i >= 0));
}
