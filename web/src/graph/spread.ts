import type { CircuitEdge, CircuitNode } from "../report";
import type { Box } from "./layout";
import { varianceShare } from "./selection";
import { touches } from "./topology";

const GAP = 8;

/** A column of equal boxes, each as near as it can be to the middle of what it is connected to, without overlap. */
export function spread(
  nodes: CircuitNode[],
  x: number,
  size: { width: number; height: number },
  boxes: ReadonlyMap<string, Box>,
  edges: CircuitEdge[],
  rows: { top: number; bottom: number },
): Box[] {
  const middle = (rows.top + rows.bottom) / 2;
  const column = nodes.map((node) => {
    const wanted = barycentre(node.id, boxes, edges) ?? middle;
    return { id: node.id, node, x, y: wanted - size.height / 2, ...size };
  });
  const step = size.height + GAP;
  const row = (box: Box) => Math.round(box.y / step);
  column.sort((a, b) => row(a) - row(b) || a.id.localeCompare(b.id, "en", { numeric: true }));

  const shift = Math.max(0, column.length * step - GAP - (rows.bottom - rows.top)) / 2;
  const top = rows.top - shift;
  const bottom = rows.bottom + shift;
  column.forEach((box, i) => {
    box.y = Math.max(box.y, i === 0 ? top : column[i - 1]!.y + step);
  });
  for (let i = column.length - 1; i >= 0; i--) {
    const limit = i === column.length - 1 ? bottom - size.height : column[i + 1]!.y - step;
    column[i]!.y = Math.min(column[i]!.y, limit);
  }
  return column;
}

function barycentre(id: string, boxes: ReadonlyMap<string, Box>, edges: CircuitEdge[]): number | null {
  let sum = 0;
  let total = 0;
  for (const edge of edges) {
    const touched = edge.in_circuit ? touches(edge) : [];
    if (!touched.includes(id)) continue;
    const weight = Math.sqrt(varianceShare(edge)) + 0.01;
    for (const other of touched) {
      const box = boxes.get(other);
      if (other === id || box === undefined) continue;
      sum += weight * (box.y + box.height / 2);
      total += weight;
    }
  }
  return total > 0 ? sum / total : null;
}
