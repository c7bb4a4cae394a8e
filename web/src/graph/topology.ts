import type { Circuit, CircuitEdge, CircuitNode } from "../report";

/** Where the nodes of a circuit stand in the order of computation. */
export interface Topology {
  /** Residual-stream sites from input to output, each with its subspaces in order. */
  sites: { site: string; subspaces: CircuitNode[] }[];
  /** Components that read site i and write site i + 1: `components[i]`. */
  components: CircuitNode[][];
  inputs: CircuitNode[];
  outputs: CircuitNode[];
}

const STAGES = ["pre", "mid", "post"];

export function topology(circuit: Circuit): Topology {
  const subspaces = circuit.nodes.filter((node) => node.kind === "subspace");
  const names = [...new Set(subspaces.map((node) => node.site ?? ""))];
  names.sort((a, b) => depth(a) - depth(b));
  const sites = names.map((site) => ({ site, subspaces: subspaces.filter((node) => node.site === site) }));

  const components: CircuitNode[][] = sites.map(() => []);
  for (const node of circuit.nodes) {
    if (node.kind !== "head" && node.kind !== "mlp") continue;
    components[Math.max(0, writeIndex(node, names) - 1)]?.push(node);
  }

  return {
    sites,
    components,
    inputs: circuit.nodes.filter((node) => node.kind === "embed" || node.kind === "pos"),
    outputs: circuit.nodes.filter((node) => node.kind === "logits"),
  };
}

/** "x1.mid" -> 4: sites sort by layer, then by stage. */
function depth(site: string): number {
  const [, layer = "0", stage = "post"] = /^x(\d+)\.(\w+)$/.exec(site) ?? [];
  return 3 * Number(layer) + STAGES.indexOf(stage);
}

/** Attention writes `xL.mid`, or `xL.post` in a model without MLPs; an MLP writes `xL.post`. */
function writeIndex(node: CircuitNode, sites: string[]): number {
  const mid = sites.indexOf(`x${node.layer}.mid`);
  const post = sites.indexOf(`x${node.layer}.post`);
  const write = node.kind === "head" && mid >= 0 ? mid : post;
  return write >= 0 ? write : sites.length - 1;
}

/** The two ends of an edge in drawing order; a missing end of an embedding or unembedding edge is that node itself. */
export function ends(edge: CircuitEdge): { from: string; to: string } {
  if (edge.kind === "qk") return { from: edge.query ?? "const", to: edge.key ?? "const" };
  return { from: edge.from ?? edge.via ?? edge.kind, to: edge.to ?? "logits" };
}

/** Every node an edge touches. */
export function touches(edge: CircuitEdge): string[] {
  const { from, to } = ends(edge);
  return edge.via === null || edge.via === from ? [from, to] : [from, edge.via, to];
}
