import type { CircuitEdge } from "../report";
import { COLUMNS } from "./columns";

export interface TableState {
  /** Words that must all occur somewhere in a row. */
  filter: string;
  inCircuitOnly: boolean;
  sortBy: string;
  descending: boolean;
}

export const DEFAULT_TABLE: TableState = { filter: "", inCircuitOnly: true, sortBy: "variance_share", descending: true };

/** The rows of the table in order. Empty cells come last, whichever way it is sorted. */
export function rows(edges: CircuitEdge[], state: TableState): CircuitEdge[] {
  const wanted = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const column = COLUMNS.find(({ name }) => name === state.sortBy) ?? COLUMNS[0]!;
  const sign = state.descending ? -1 : 1;
  return edges
    .filter((edge) => edge.in_circuit || !state.inCircuitOnly)
    .filter((edge) => wanted.every((word) => searched(edge).includes(word)))
    .sort((a, b) => compare(column.value(a), column.value(b), sign));
}

function searched(edge: CircuitEdge): string {
  return COLUMNS.filter(({ numeric }) => !numeric).map(({ value }) => value(edge) ?? "").join(" ").toLowerCase();
}

function compare(a: string | number | null, b: string | number | null, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), "en", { numeric: true });
}
