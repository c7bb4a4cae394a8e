import { el } from "../dom";
import { count, number, percent } from "../format";
import type { Control, Report, Validation } from "../report";
import { missing, section } from "../section";
import { frontierPlot } from "./frontier";
import { agreementTable, mlpTable, normTable, selectionTable, worstTable } from "./tables";

export function validationSection({ validation, circuit }: Report): HTMLElement {
  const title = "Validation";
  if (!validation) return section("validation", title, null, missing("validation", "subspace validate RUN"));
  const lead =
    `Everything outside the circuit is ablated (${validation.ablation} ablation, ${count(validation.samples)} samples). ` +
    "Match accuracy: share of sequences in which the ablated model gives the model's own answer at every supervised position; beside it the share of single positions. KL: from the model's distribution to the ablated one's, nats.";
  const frontier = validation.frontier?.length ? [frontierPlot(validation, circuit?.coverage ?? null)] : [];
  const broken = (validation.broken ?? []).map((words) => el("p", { class: "lead" }, `Does not hold here: ${words}.`));
  const selections = validation.selections?.length ? [selectionTable(validation.selections)] : [];
  const agreement = validation.agreement?.length ? [agreementTable(validation.agreement)] : [];
  const norms = validation.norms ? [normTable(validation.norms)] : [];
  const mlps = validation.mlps?.length ? [mlpTable(validation.mlps)] : [];
  const worst = validation.kl_of_sequences ? [worstTable(validation.kl_of_sequences)] : [];
  return section(
    "validation",
    title,
    lead,
    ...broken,
    el("div", { class: "validation" }, el("div", { class: "scroll" }, comparison(validation)), ...frontier, ...selections, ...agreement, ...norms, ...mlps, ...worst),
  );
}

function comparison(validation: Validation): HTMLElement {
  const model: Control = {
    name: "whole model",
    edges: validation.of,
    match_accuracy: 1,
    position_match: 1,
    task_accuracy: validation.model_task_accuracy ?? null,
    kl: 0,
  };
  const rows: [Control, string][] = [
    [model, ""],
    [{ ...validation, name: "circuit" }, "circuit-row"],
    ...(validation.controls ?? []).map((control): [Control, string] => [control, "control"]),
  ];
  const headings = ["", "edges", "match accuracy", "positions", "task accuracy", "KL"];
  return el(
    "table",
    { class: "fit" },
    el("caption", {}, "The circuit and its controls"),
    el("thead", {}, el("tr", {}, ...headings.map((name, i) => el("th", { scope: "col", class: i > 0 ? "number" : null }, name)))),
    el("tbody", {}, ...rows.map(([row, kind]) =>
      el(
        "tr",
        { class: kind || null },
        el("th", { scope: "row" }, row.name),
        el("td", { class: "number" }, count(row.edges)),
        el("td", { class: "number" }, percent(row.match_accuracy)),
        el("td", { class: "number" }, percent(row.position_match)),
        el("td", { class: "number" }, percent(row.task_accuracy)),
        el("td", { class: "number" }, number(row.kl)),
      ),
    )),
  );
}
