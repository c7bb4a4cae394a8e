import { count, number, percent, words } from "../format";
import type { CircuitEdge, CircuitNode } from "../report";
import { facts } from "../tooltip";
import { KINDS } from "./kinds";
import { varianceShare } from "./selection";
import { ends } from "./topology";

/** "OV x0.pre/0 → a0.0 → x0.mid/1", "QK x0.pre/2 · a0.0 · x0.pre/2". */
export function describeEdge(edge: CircuitEdge): string {
  const { from, to } = ends(edge);
  const name = KINDS[edge.kind].name;
  if (edge.kind === "qk") return `${name} of ${edge.via}: query ${from}, key ${to}`;
  const through = edge.via === null || edge.via === from ? "" : `${edge.via} → `;
  return `${name} ${from} → ${through}${to}`;
}

export function describeNode(node: CircuitNode): string {
  const what = { subspace: "subspace", head: "attention head", mlp: "MLP", embed: "token embedding", pos: "position embedding", logits: "logits", const: "constant query (bias)" }[node.kind];
  const label = node.label === null ? "" : `, ${words(node.label)}`;
  const size = node.size === null ? "" : `, ${node.size} dimensions`;
  return `${node.id}, ${what}${label}${size}`;
}

export function edgeFacts(edge: CircuitEdge): HTMLElement {
  const { scores } = edge;
  const qk = edge.kind === "qk";
  return facts(describeEdge(edge), [
    [qk ? "variance (logit²)" : "variance", number(scores.variance)],
    [qk ? "share of logit variance" : "share of variance at target", percent(scores.variance_share)],
    ["energy (squared weight norm)", number(scores.energy)],
    ["energy share", percent(scores.energy_share)],
    ...(typeof scores.z === "number" ? [["z of the energy (random subspaces: 0)", number(scores.z)] as [string, string]] : []),
    ...(typeof scores.nats === "number" ? [["effectiveness (nats)", number(scores.nats)] as [string, string]] : []),
    ...(typeof scores.effect === "number" ? [["KL when ablated (nats)", number(scores.effect)] as [string, string]] : []),
    ["in the circuit", edge.in_circuit ? "yes" : "no"],
  ]);
}

const LISTED = 4;

/** A node with its strongest shown edges, coming in and going out. */
export function nodeFacts(node: CircuitNode, edges: CircuitEdge[]): HTMLElement {
  const through = edges.filter((edge) => edge.via === node.id);
  const incoming = edges.filter((edge) => edge.kind !== "qk" && ends(edge).to === node.id);
  const outgoing = edges.filter((edge) => edge.via !== node.id && (ends(edge).from === node.id || (edge.kind === "qk" && edge.key === node.id)));
  const list = (name: string, found: CircuitEdge[]): [string, string][] => {
    if (found.length === 0) return [];
    const strongest = [...found].sort((a, b) => varianceShare(b) - varianceShare(a)).slice(0, LISTED);
    const more = found.length > LISTED ? ` of ${count(found.length)}, strongest` : "";
    return [
      [`${name} (${Math.min(LISTED, found.length)}${more})`, ""],
      ...strongest.map((edge): [string, string] => [describeEdge(edge), percent(edge.scores.variance_share)]),
    ];
  };
  return facts(describeNode(node), [...list("through it", through), ...list("incoming", incoming), ...list("outgoing", outgoing)]);
}
