import { type CircuitEdge, SCORE_NAMES } from "../report";

const TEXTS = ["kind", "via", "from", "to", "query", "key"] as const;

/** The edges as CSV (RFC 4180), columns named as in circuit.json, numbers at full precision. */
export function toCsv(edges: CircuitEdge[]): string {
  const lines = edges.map((edge) => [
    ...TEXTS.map((name) => edge[name] ?? ""),
    ...SCORE_NAMES.map((name) => edge.scores[name] ?? ""),
    edge.in_circuit,
  ]);
  return [[...TEXTS, ...SCORE_NAMES, "in_circuit"], ...lines].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: string | number | boolean): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
