import { expect, it } from "vitest";
import { orderSubspaces } from "../src/graph/order";
import { topology } from "../src/graph/topology";
import type { CircuitEdge, CircuitNode } from "../src/report";

const node = (id: string): CircuitNode => ({ id, kind: "subspace", site: id.split("/")[0]!, layer: 0, size: 8, label: null, in_circuit: true });
const edge = (from: string, to: string): CircuitEdge => ({
  kind: "passthrough", via: null, from, to, query: null, key: null, scores: { variance_share: 0.9 }, in_circuit: true,
});
const order = (nodes: CircuitNode[], edges: CircuitEdge[]) =>
  orderSubspaces(topology({ schema: "", coverage: null, nodes, edges }), edges).sites.map(({ subspaces }) => subspaces.map(({ id }) => id));

it("order uncrosses subspaces that swap their numbers", () => {
  const nodes = ["x0.pre/0", "x0.pre/1", "x0.post/0", "x0.post/1"].map(node);

  const [first, second] = order(nodes, [edge("x0.pre/0", "x0.post/1"), edge("x0.pre/1", "x0.post/0")]);

  expect(first!.indexOf("x0.pre/0")).toBe(second!.indexOf("x0.post/1"));
  expect(first!.indexOf("x0.pre/1")).toBe(second!.indexOf("x0.post/0"));
});

it("order stays as given where nothing is gained", () => {
  const nodes = ["x0.post/0", "x0.post/1", "x0.pre/0", "x0.pre/1"].map(node);

  expect(order(nodes, [])).toEqual([["x0.pre/0", "x0.pre/1"], ["x0.post/0", "x0.post/1"]]);
});
