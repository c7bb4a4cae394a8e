import { button, checkbox, el } from "../dom";
import { copyText, download } from "../files";
import { count } from "../format";
import type { Circuit, CircuitEdge, Report } from "../report";
import { section } from "../section";
import { COLUMNS } from "./columns";
import { toCsv } from "./csv";
import { DEFAULT_TABLE, rows, type TableState } from "./rows";

const AT_FIRST = 40;

export function tableSection(report: Report): HTMLElement | null {
  if (!report.circuit) return null; // the section above says so
  const lead =
    "Energy is the squared norm of the weight block that connects two subspaces. Variance is what passes through it on the data: logit² for QK edges; " +
    "for all others the share is the fraction of the variance that arrives at the target.";
  return section("edges", "Edges", lead, ...edgeTable(report.circuit, report.title));
}

function edgeTable(circuit: Circuit, name: string): Node[] {
  let state = DEFAULT_TABLE;
  let all = false;
  let found: CircuitEdge[] = [];
  const body = el("tbody");
  const headings = COLUMNS.map((column) => {
    const sort = button(column.heading, () => update({ sortBy: column.name, descending: state.sortBy === column.name ? !state.descending : column.numeric }));
    return el("th", { scope: "col", class: column.numeric ? "number" : null }, sort);
  });
  const counted = el("output", { class: "count", "aria-live": "polite" });
  const more = button("", () => {
    all = true;
    update({});
  });

  const update = (change: Partial<TableState>) => {
    state = { ...state, ...change };
    found = rows(circuit.edges, state);
    body.replaceChildren(...(all ? found : found.slice(0, AT_FIRST)).map(row));
    counted.textContent = `${count(found.length)} of ${count(circuit.edges.length)} edges`;
    more.textContent = `Show all ${count(found.length)}`;
    more.hidden = all || found.length <= AT_FIRST;
    headings.forEach((heading, i) => {
      const sorted = COLUMNS[i]!.name === state.sortBy;
      heading.setAttribute("aria-sort", sorted ? (state.descending ? "descending" : "ascending") : "none");
    });
  };

  const filter = el("input", { type: "search", placeholder: "filter, e.g. ov a1.0", "aria-label": "Filter edges" });
  filter.addEventListener("input", () => update({ filter: filter.value }));
  const onlyCircuit = checkbox("edges of the circuit only", true, (on) => update({ inCircuitOnly: on }));
  const copy = button("Copy as CSV", async () => {
    const copied = await copyText(toCsv(found));
    copy.textContent = copied ? "Copied" : "Copying was refused";
    setTimeout(() => (copy.textContent = "Copy as CSV"), 1500);
  });
  const save = button("Save CSV", () => download(`${name}.edges.csv`, "text/csv", toCsv(found)));

  update({});
  return [
    el("div", { class: "controls" }, el("div", {}, filter, onlyCircuit, counted, el("span", { class: "push" }), copy, save)),
    el("div", { class: "scroll" }, el("table", { class: "edges" }, el("thead", {}, el("tr", {}, ...headings)), body)),
    more,
  ];
}

function row(edge: CircuitEdge): HTMLElement {
  return el(
    "tr",
    { class: edge.in_circuit ? null : "outside" },
    ...COLUMNS.map((column) => {
      const kind = column.name === "kind" ? el("span", { class: `dot kind-${edge.kind}` }) : null;
      return el("td", { class: column.numeric ? "number" : null }, kind, column.text(edge));
    }),
  );
}
