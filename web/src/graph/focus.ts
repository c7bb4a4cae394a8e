import type { CircuitEdge } from "../report";
import type { Box, Layout } from "./layout";
import { touches } from "./topology";

/** What the reader points at: a node by the id of its box, or an edge by its index among the drawn ones. */
export type Focus = { node: string } | { edge: number };

export interface Lit {
  nodes: Set<string>;
  edges: Set<number>;
}

/** The edges that belong to the focus and the boxes they touch. */
export function lit(focus: Focus, layout: Layout, edges: CircuitEdge[]): Lit {
  const boxesOf = (edge: CircuitEdge) =>
    touches(edge).map((id) => layout.end(edge, id)).filter((box): box is Box => box !== undefined).map((box) => box.id);
  const result: Lit = { nodes: new Set("node" in focus ? [focus.node] : []), edges: new Set() };
  edges.forEach((edge, index) => {
    const boxes = boxesOf(edge);
    if ("edge" in focus ? focus.edge !== index : !boxes.includes(focus.node)) return;
    result.edges.add(index);
    for (const box of boxes) result.nodes.add(box);
  });
  return result;
}

export function sameFocus(a: Focus | null, b: Focus | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The box an arrow key leads to: the nearest one above or below in its column, or in the next column left or right. */
export function step(layout: Layout, from: string, key: string): string | null {
  const column = layout.columns.findIndex(({ ids }) => ids.includes(from));
  const ids = layout.columns[column]?.ids ?? [];
  if (key === "ArrowUp" || key === "ArrowDown") return ids[ids.indexOf(from) + (key === "ArrowUp" ? -1 : 1)] ?? null;
  const next = layout.columns[column + (key === "ArrowLeft" ? -1 : 1)];
  const here = layout.boxes.get(from);
  if (next === undefined || here === undefined) return null;
  const distance = (id: string) => Math.abs(layout.boxes.get(id)!.y + layout.boxes.get(id)!.height / 2 - here.y - here.height / 2);
  return [...next.ids].sort((a, b) => distance(a) - distance(b))[0] ?? null;
}
