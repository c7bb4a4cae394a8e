import type { CircuitEdge } from "../report";
import type { Box, Layout } from "./layout";
import { ends } from "./topology";

export type Role = "from" | "in" | "to" | "query" | "key";

/** Heights at which an edge meets the boxes it touches. */
export type Ports = Map<CircuitEdge, Partial<Record<Role, number>>>;

interface Attachment {
  edge: CircuitEdge;
  role: Role;
  /** Height of the other end: attachments sort by it, so that edges leave a box without crossing. */
  towards: number;
}

/** Gives every end of every edge a height of its own on its box. An edge through a component crosses it level: role "in". */
export function assignPorts(layout: Layout, edges: CircuitEdge[]): Ports {
  const sides = new Map<string, { box: Box; attachments: Attachment[] }>();
  const attach = (box: Box | undefined, side: "left" | "right", edge: CircuitEdge, role: Role, other: Box | undefined) => {
    if (box === undefined || other === undefined) return;
    const name = `${box.id} ${side}`;
    if (!sides.has(name)) sides.set(name, { box, attachments: [] });
    sides.get(name)!.attachments.push({ edge, role, towards: middle(other) });
  };

  for (const edge of edges) {
    const { from, to } = ends(edge);
    const source = layout.end(edge, from);
    const target = layout.end(edge, to);
    const component = edge.via === null ? undefined : layout.boxes.get(edge.via);
    if (edge.kind === "qk") {
      attach(source, "right", edge, "query", component);
      attach(target, "right", edge, "key", component);
      attach(component, "left", edge, "in", source);
    } else {
      attach(source, "right", edge, "from", component ?? target);
      attach(target, "left", edge, "to", component ?? source);
      if (component !== source) attach(component, "left", edge, "in", source);
    }
  }

  const ports: Ports = new Map(edges.map((edge) => [edge, {}]));
  for (const { box, attachments } of sides.values()) {
    attachments.sort((a, b) => a.towards - b.towards);
    attachments.forEach(({ edge, role }, i) => {
      ports.get(edge)![role] = box.y + (box.height * (i + 1)) / (attachments.length + 1);
    });
  }
  return ports;
}

function middle(box: Box): number {
  return box.y + box.height / 2;
}
