import { el } from "./dom";
import { count, duration, number, percent } from "./format";
import type { Model, Report } from "./report";

interface Figure {
  value: string;
  name: string;
  about: string;
}

/** Title, the figures one looks for first, then model and run. */
export function header(report: Report): HTMLElement {
  return el(
    "header",
    {},
    el("p", { class: "product" }, "Subspace Circuits"),
    el("h1", {}, report.title),
    el("p", { class: "lead" }, describe(report.model), report.task === null ? "" : `, task ${report.task}`),
    el("div", { class: "figures" }, ...figures(report).map(figure)),
    el("details", {}, el("summary", {}, "Model and run"), el("dl", { class: "pairs" }, ...pairs(report))),
  );
}

function figures(report: Report): Figure[] {
  const { accuracy, validation, circuit } = report;
  const kept = validation?.edges ?? circuit?.edges.filter((edge) => edge.in_circuit).length;
  const all = validation?.of ?? circuit?.edges.length;
  const unknown: Figure = { value: "–", name: "model accuracy", about: "not measured yet" };
  return [
    ...(accuracy?.length ? [] : [unknown]),
    ...(accuracy ?? []).slice(0, 3).map(({ from, to, samples, accuracy: value }) => ({
      value: percent(value),
      name: "model accuracy",
      about: `lengths ${from}–${to}, ${count(samples)} samples`,
    })),
    { value: kept === undefined ? "–" : `${count(kept)} of ${count(all)}`, name: "edges kept", about: kept === undefined ? "no circuit yet" : `${percent(kept / Math.max(1, all ?? 1))} of all edges between subspaces` },
    ...(validation?.component_of
      ? [{ value: `${count(validation.component_edges)} of ${count(validation.component_of)}`, name: "component edges", about: "between heads and MLPs" }]
      : []),
    {
      value: percent(validation?.match_accuracy),
      name: "match accuracy",
      about: validation
        ? `of whole sequences${validation.position_match == null ? "" : `, ${percent(validation.position_match)} of positions`}: circuit alone against model`
        : "not validated yet",
    },
    ...(validation ? [{ value: number(validation.kl), name: "KL divergence", about: "nats, model to circuit" }] : []),
  ];
}

function figure({ value, name, about }: Figure): HTMLElement {
  return el("div", { class: "figure" }, el("div", { class: "value" }, value), el("div", { class: "name" }, name), el("div", { class: "about" }, about));
}

/** "2 layers, 1 head per layer, ..." */
export function describe(model: Model): string {
  const plural = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  const kind = model.attn_only ? "attention only" : "attention and MLPs";
  return `${plural(model.n_layers, "layer")}, ${plural(model.n_heads, "head")} per layer, d_model ${model.d_model}, ${kind}`;
}

function pairs({ model, run, accuracy }: Report): HTMLElement[] {
  const rows: [string, string][] = [
    ["model", model.name],
    ["d_head", count(model.d_head)],
    ["d_mlp", count(model.d_mlp)],
    ["d_vocab", count(model.d_vocab)],
    ["n_ctx", count(model.n_ctx)],
    ["normalization", model.normalization],
    ["model hash", model.hash],
    ["command", run.command],
    ["version", run.version],
    ["seed", String(run.seed)],
    ["time", duration(run.seconds)],
    ...(accuracy ?? []).map(({ from, to, accuracy: value }): [string, string] => [`accuracy, lengths ${from}–${to}`, percent(value)]),
  ];
  return rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
}
