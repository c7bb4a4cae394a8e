import { number, percent } from "../format";
import { KINDS } from "../graph/kinds";
import type { CircuitEdge, ScoreName } from "../report";

const SCORES: ScoreName[] = ["variance_share", "variance", "energy_share", "energy", "z", "nats", "effect"];

/** A column of the edge table: its name in the file, its heading, and what stands in it. */
export interface TableColumn {
  name: string;
  heading: string;
  numeric: boolean;
  value: (edge: CircuitEdge) => string | number | null;
  text: (edge: CircuitEdge) => string;
}

const text = (name: string, heading: string, value: (edge: CircuitEdge) => string | null): TableColumn => ({
  name,
  heading,
  numeric: false,
  value,
  text: (edge) => value(edge) ?? "–",
});

export const COLUMNS: TableColumn[] = [
  text("kind", "kind", (edge) => KINDS[edge.kind]?.name ?? edge.kind),
  text("via", "via", (edge) => edge.via),
  text("source", "from / query", (edge) => edge.query ?? edge.from),
  text("target", "to / key", (edge) => edge.key ?? edge.to),
  ...SCORES.map((name): TableColumn => ({
    name,
    heading: name.replace("_", " "),
    numeric: true,
    value: (edge) => edge.scores[name] ?? null,
    text: (edge) => (name.endsWith("share") ? percent : number)(edge.scores[name]),
  })),
  text("in_circuit", "in circuit", (edge) => (edge.in_circuit ? "yes" : "no")),
];
