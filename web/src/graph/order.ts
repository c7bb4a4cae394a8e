import type { CircuitEdge, CircuitNode } from "../report";
import { varianceShare } from "./selection";
import { ends, type Topology } from "./topology";

type Columns = string[][];
interface Link {
  from: string;
  to: string;
  weight: number;
}

const SWEEPS = 6;
const PASSES = 10;
const STRAIGHTNESS = 0.5;
const STEADINESS = 0.1;

/**
 * The order of the subspaces within each site that crosses fewest edges and keeps thick ones straight: barycentre
 * sweeps (Sugiyama et al. 1981) over the edges of the circuit, then swaps while they help. A slight pull towards the given order settles ties.
 */
export function orderSubspaces(topology: Topology, edges: CircuitEdge[]): Topology {
  const given = topology.sites.map(({ subspaces }) => subspaces.map((node) => node.id));
  const links = linksBetween(given, edges);

  let best = swapWhileBetter(given, given, links);
  let columns = given;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    columns = sweepOnce(columns, links, sweep % 2 === 0);
    const candidate = swapWhileBetter(columns, given, links);
    if (total(candidate, given, links) < total(best, given, links) - 1e-9) best = candidate;
  }

  const nodes = new Map(topology.sites.flatMap(({ subspaces }) => subspaces.map((node) => [node.id, node])));
  const sites = topology.sites.map(({ site }, i) => ({
    site,
    subspaces: best[i]!.map((id) => nodes.get(id) as CircuitNode),
  }));
  return { ...topology, sites };
}

/** `links[i]`: edges of the circuit from site i to site i + 1. */
function linksBetween(columns: Columns, edges: CircuitEdge[]): Link[][] {
  const kept = edges
    .filter((edge) => edge.in_circuit && edge.kind !== "qk")
    .map((edge) => ({ ...ends(edge), weight: varianceShare(edge) }));
  return columns.slice(1).map((next, i) =>
    kept.filter(({ from, to }) => columns[i]!.includes(from) && next.includes(to)),
  );
}

/** Moves every subspace to the mean position of its neighbours in the column before (or after, going back). */
function sweepOnce(columns: Columns, links: Link[][], forward: boolean): Columns {
  const next = columns.map((column) => [...column]);
  const indices = next.map((_, i) => i);
  for (const i of forward ? indices.slice(1) : indices.slice(0, -1).reverse()) {
    const fixed = next[forward ? i - 1 : i + 1]!;
    const position = (id: string, own: number) => {
      let sum = 0;
      let weights = 0;
      for (const link of links[forward ? i - 1 : i]!) {
        const [self, other] = forward ? [link.to, link.from] : [link.from, link.to];
        if (self !== id) continue;
        sum += link.weight * place(fixed, other);
        weights += link.weight;
      }
      return weights > 0 ? sum / weights : (own + 0.5) / next[i]!.length;
    };
    const positions = new Map(next[i]!.map((id, own) => [id, position(id, own)]));
    next[i]!.sort((a, b) => positions.get(a)! - positions.get(b)!);
  }
  return next;
}

function swapWhileBetter(columns: Columns, given: Columns, links: Link[][]): Columns {
  const result = columns.map((column) => [...column]);
  const around = (i: number) => cost(result, links, i - 1) + cost(result, links, i) + moved(result[i]!, given[i]!);
  for (let pass = 0, better = true; better && pass < PASSES; pass++) {
    better = false;
    result.forEach((column, i) => {
      for (let a = 0; a < column.length; a++) {
        for (let b = a + 1; b < column.length; b++) {
          const before = around(i);
          [column[a], column[b]] = [column[b]!, column[a]!];
          if (around(i) < before - 1e-9) better = true;
          else [column[a], column[b]] = [column[b]!, column[a]!];
        }
      }
    });
  }
  return result;
}

function total(columns: Columns, given: Columns, links: Link[][]): number {
  return columns.reduce((sum, column, i) => sum + cost(columns, links, i) + moved(column, given[i]!), 0);
}

function moved(column: string[], given: string[]): number {
  return STEADINESS * column.reduce((sum, id) => sum + Math.abs(place(column, id) - place(given, id)), 0);
}

/** Crossings between site i and the next, each weighted by the thinner edge, plus how far edges are from level. */
function cost(columns: Columns, links: Link[][], i: number): number {
  const placed = (links[i] ?? []).map(({ from, to, weight }) => ({ from: place(columns[i]!, from), to: place(columns[i + 1]!, to), weight }));
  let sum = 0;
  placed.forEach((a, k) => {
    sum += STRAIGHTNESS * a.weight * Math.abs(a.from - a.to);
    for (let other = k + 1; other < placed.length; other++) {
      const b = placed[other]!;
      if ((a.from - b.from) * (a.to - b.to) < 0) sum += Math.min(a.weight, b.weight);
    }
  });
  return sum;
}

/** Where in its column a subspace stands, 0 ... 1. */
function place(column: string[], id: string): number {
  return (column.indexOf(id) + 0.5) / column.length;
}
