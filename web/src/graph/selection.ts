import { type CircuitEdge, EDGE_KINDS, type EdgeKind } from "../report";

/** Which edges of the circuit are shown. */
export interface Selection {
  inCircuitOnly: boolean;
  minVarianceShare: number;
  kinds: ReadonlySet<EdgeKind>;
}

export const DEFAULT_SELECTION: Selection = {
  inCircuitOnly: true,
  minVarianceShare: 0,
  kinds: new Set(EDGE_KINDS),
};

export function varianceShare(edge: CircuitEdge): number {
  return edge.scores.variance_share ?? 0;
}

export function isSelected(edge: CircuitEdge, selection: Selection): boolean {
  return (
    (edge.in_circuit || !selection.inCircuitOnly) &&
    selection.kinds.has(edge.kind) &&
    varianceShare(edge) >= selection.minVarianceShare
  );
}

/** For each kind that occurs: how many edges are shown, whatever its own toggle says, and how many there are. */
export function countsByKind(edges: CircuitEdge[], selection: Selection): Map<EdgeKind, { shown: number; of: number }> {
  const everyKind = { ...selection, kinds: DEFAULT_SELECTION.kinds };
  const counts = new Map<EdgeKind, { shown: number; of: number }>();
  for (const kind of EDGE_KINDS) {
    const ofKind = edges.filter((edge) => edge.kind === kind);
    if (ofKind.length === 0) continue;
    counts.set(kind, { shown: ofKind.filter((edge) => isSelected(edge, everyKind)).length, of: ofKind.length });
  }
  return counts;
}

const DECADES = 4;

/** A slider position 0 ... 100 as a share: 0, then 0.0001 ... 1 on a logarithmic scale. */
export function shareAt(position: number): number {
  return position <= 0 ? 0 : 10 ** (DECADES * (position / 100 - 1));
}
