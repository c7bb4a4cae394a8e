import { el } from "../dom";
import { count, number, percent } from "../format";
import type { Agreement, MlpTarget, Price, Selection, Validation } from "../report";

/** Every way of choosing edges: the fewest that are enough, and how close its circuits of all sizes come. */
export function selectionTable(selections: Selection[]): HTMLElement {
  const fewest = ({ points }: Selection, match: number): string => {
    const enough = points.filter((point) => point.match_accuracy >= match).sort((a, b) => a.edges - b.edges)[0];
    return enough ? `${count(enough.edges)} (${count(enough.component_edges)})` : "–";
  };
  return table(
    "Edges (between components) that are enough, by way of choosing",
    ["chosen by", "match 90%", "match 99%", "CMD", "CPR", "stability"],
    selections.map((selection) => [
      selection.selection,
      fewest(selection, 0.9),
      fewest(selection, 0.99),
      number(selection.cmd),
      number(selection.cpr),
      percent(selection.stability),
    ]),
  );
}

/** How far scores that take no intervention predict its effect. */
export function agreementTable(agreement: Agreement[]): HTMLElement {
  return table(
    "Rank correlation of scores with the effect of ablating single edges",
    ["family", "edges", "energy (weights)", "variance (moments)", "nats (gradients)"],
    agreement.map((family) => [family.kind ?? "all", count(family.edges), number(family.energy), number(family.variance), number(family.nats)]),
  );
}

/** How the divergence is spread over the sequences, and the worst of them. */
export function worstTable(kl: NonNullable<Validation["kl_of_sequences"]>): HTMLElement {
  return table(
    `KL of sequences: median ${number(kl.median)}, 90% below ${number(kl.p90)}, 99% below ${number(kl.p99)}; the worst`,
    ["sequence", "KL"],
    kl.worst.map((worst) => [worst.tokens, number(worst.kl)]),
  );
}

/** What the one approximation of the scores costs the model, whole and norm by norm. */
export function normTable(norms: NonNullable<Validation["norms"]>): HTMLElement {
  const row = (name: string, price: Price): string[] => [name, number(price.kl), percent(price.match_accuracy)];
  return table("Price of constants in the place of norms, no edge ablated", ["constants", "KL", "match accuracy"], [
    row("one for each norm, as in the scores", norms.of_moments),
    row("one for each norm, mean of 1/σ", norms.constant),
    row("for the first position and the rest", norms.per_class),
    ...(norms.learned ? [row("learned", norms.learned)] : []),
    ...norms.readers.map(({ reader, variation, kl }) => [`${reader} alone (1/σ varies by ${percent(variation)})`, number(kl), "–"]),
  ]);
}

/** How far the first order, which edges of MLPs are scored by, tells what they write. */
export function mlpTable(mlps: NonNullable<Validation["mlps"]>): HTMLElement {
  const main = ({ sources }: MlpTarget): string => Object.entries(sources).sort((a, b) => b[1] - a[1]).slice(0, 3).map(([id, index]) => `${id} ${number(index)}`).join(", ");
  return table(
    "MLPs: share of the variance they write that the first order, and the first two, explain; Sobol indices of what they read",
    ["writes", "share", "first", "first two", "sum of indices", "greatest"],
    mlps.flatMap(({ mlp, targets }) => targets.map((target) =>
      [`${mlp} → ${target.target}`, percent(target.variance_share), number(target.linear), number(target.quadratic), number(target.sobol_total), main(target)])),
  );
}

function table(caption: string, headings: string[], rows: string[][]): HTMLElement {
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: "fit" },
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...headings.map((name, i) => el("th", { scope: "col", class: i > 0 ? "number" : null }, name)))),
      el("tbody", {}, ...rows.map(([first, ...others]) =>
        el("tr", {}, el("th", { scope: "row" }, first ?? ""), ...others.map((text) => el("td", { class: "number" }, text))),
      )),
    ),
  );
}
