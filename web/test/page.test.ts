import { describe, expect, it } from "vitest";
import { page } from "../src/main";
import type { Report } from "../src/report";
import { attentionOnly, full, partial } from "./fixtures";

function show(report: Report): HTMLElement {
  document.body.replaceChildren(...page(report));
  return document.body;
}

const missingStages = (body: HTMLElement) => [...body.querySelectorAll(".missing")].map(({ textContent }) => textContent!.split(":")[0]);

describe("page", () => {
  it("starts with the key figures", () => {
    const figures = [...show(full).querySelectorAll(".figure .value")].map(({ textContent }) => textContent);

    expect(figures).toEqual(["100%", "99.9%", "27 of 105", "11 of 32", "98.4%", "0.0131"]);
  });

  it("links to every section", () => {
    const body = show(full);

    const targets = [...body.querySelectorAll("nav a")].map((link) => body.querySelector(link.getAttribute("href")!));

    expect(targets).toHaveLength(6);
    expect(targets.every((target) => target?.tagName === "SECTION")).toBe(true);
  });

  it("shows the shares of every variable that any subspace has", () => {
    const headings = [...show(full).querySelectorAll("#partition article:first-of-type thead th")].map(({ textContent }) => textContent);

    expect(headings).toContain("previous token");
    expect(headings).toContain("answer");
  });

  it("has columns of scores only, not of the nulls and the redundancy beside them", () => {
    const heads = full.heads!.map((head) => ({ ...head, shuffled: { induction: 0.1 }, redundancy: { verdict: "needed", text: "" } }));

    const headings = [...show({ ...full, heads }).querySelectorAll("#attention thead th")].map(({ textContent }) => textContent);

    expect(headings).toEqual(["head", "previous token", "induction", "same token", "first position"]);
  });

  it("compares the circuit with the whole model and all controls", () => {
    const names = [...show(full).querySelectorAll("#validation tbody th")].map(({ textContent }) => textContent);

    expect(names).toEqual(["whole model", "circuit", ...full.validation!.controls!.map(({ name }) => name)]);
  });
});

describe("text", () => {
  it("of a token is never markup", () => {
    const body = show(attentionOnly);

    expect(body.querySelector("img")).toBeNull();
    expect([...body.querySelectorAll(".token span")].some(({ textContent }) => textContent === "<img␣src=x␣onerror=alert(1)>")).toBe(true);
  });

  it("of names, labels and notes is never markup", () => {
    const evil = "<img src=x onerror=alert(1)>";
    const circuit = { ...full.circuit!, nodes: full.circuit!.nodes.map((node) => ({ ...node, label: evil })) };
    const sites = full.sites!.map((site) => ({ ...site, hook: evil, labels: [evil, evil, evil], shares: [{ [evil]: 1 }] }));

    const body = show({ ...full, title: evil, task: evil, notes: [evil], circuit, sites, model: { ...full.model, name: evil } });

    expect(body.querySelector("img")).toBeNull();
    expect(body.querySelector("h1")!.textContent).toBe(evil);
  });
});

describe("partial run", () => {
  it("names the stages that have not run", () => {
    expect(missingStages(show(partial))).toEqual(["No circuit yet", "No attention patterns yet", "No validation yet"]);
  });

  it.each(["accuracy", "sites", "example", "heads", "circuit", "validation", "notes"] as const)("still shows the rest without %s", (part) => {
    const absent = { ...full };
    delete absent[part];

    expect(show({ ...full, [part]: null }).querySelectorAll("section").length).toBeGreaterThanOrEqual(5);
    expect(show(absent).querySelector("h1")!.textContent).toBe(full.title);
  });

  it("shows a head's scores without its baselines, which a score tells when pointed at", () => {
    const uniform = { previous_token: 0.04, ngram_match: 0.03 };
    const heads = [{ head: "a0.0", layer: 0, previous_token: 0.9, ngram_match: null, shuffled: { previous_token: 0.021, ngram_match: null }, uniform }];
    const table = show({ ...full, heads }).querySelector("#attention table")!;
    expect([...table.querySelectorAll("th[scope=col]")].map((cell) => cell.textContent)).toEqual(["head", "previous token", "ngram match"]);
    const cells = [...table.querySelectorAll<HTMLElement>("td")];
    expect(cells.map((cell) => cell.textContent)).toEqual(["90.0%", "–"]);
    expect(cells[0]!.title).toBe("shuffled 2.10%, uniform 4.00%");
  });

  it("bears sites, heads and scores with nothing but what is required", () => {
    const sites = full.sites!.map(({ site, hook, sizes }) => ({ site, hook, sizes }));
    const edges = full.circuit!.edges.map((edge) => ({ ...edge, scores: {} }));
    const validation = { ...full.validation!, controls: null, frontier: null, kl: null, match_accuracy: null };
    const example = { tokens: full.example!.tokens, patterns: full.example!.patterns };

    const body = show({ ...full, sites, example, validation, circuit: { ...full.circuit!, edges } });

    expect(missingStages(body)).toEqual([]);
    expect(body.textContent).not.toMatch(/NaN|undefined|null/);
  });
});

describe("ways of choosing", () => {
  const validation = {
    ...full.validation!,
    selections: [
      { selection: "nats", stability: 0.93, cmd: 0.3, cpr: 0.7, points: [
        { at: 0.5, edges: 9, component_edges: 8, match_accuracy: 0.95, kl: 0.1 },
        { at: 0.2, edges: 5, component_edges: 4, match_accuracy: 0.5, kl: 1 },
      ] },
    ],
    agreement: [{ kind: "qk" as const, edges: 12, energy: 0.61, variance: 0.62, nats: null }, { kind: null, edges: 34, energy: 0.5, variance: 0.4, nats: 0.9 }],
    kl_of_sequences: { median: 0, p90: 0.1, p99: 1, worst: [{ tokens: "<bos> a <b>", kl: 1.3 }] },
  };
  const tables = [...show({ ...full, validation }).querySelectorAll("#validation table")].map((table) => table.textContent ?? "");

  it("say the fewest edges that are enough, and say where none are", () => {
    const table = tables.find((text) => text.includes("by way of choosing"))!;

    expect(table).toContain("nats9 (8)–0.3000.70093.0%");
  });

  it("stand beside how far scores predict effects, and the worst sequences as text", () => {
    expect(tables.find((text) => text.includes("Rank correlation"))).toContain("all340.5000.4000.900");
    expect(tables.find((text) => text.includes("the worst"))).toContain("<bos> a <b>1.30");
  });
});

describe("roles", () => {
  const concentration = { gini: 0.7, in_random: 0.1, z: 9 };
  const roles = {
    heads: [
      { head: "a1.0", roles: [{ name: "induction", share: 1, lead: 5.1, null: 0.03, from: "x0.post/0", to: "x0.post/1" }], qk: concentration, ov: concentration },
      { head: "a0.0", roles: [], qk: concentration, ov: concentration },
    ],
    pairs: [{ first: "a0.0", second: "a0.1", verdict: "cancelling", words: "cancelling pair: opposed" }],
    subspaces: [{ id: "x0.pre/0", embedding_share: 0.9, embedding: [{ share: 0.5, low: ["a", "b"], high: ["<c>"] }], unembedding_share: 0, unembedding: [] }],
  };

  it("are shown with their numbers, and heads without any say so", () => {
    const text = show({ ...full, roles }).querySelector("#roles")!.textContent!;

    expect(text).toContain("induction (100%, lead 5.10, chance 3.00%; x0.post/0 → x0.post/1)");
    expect(text).toContain("a0.0none found");
    expect(text).toContain("cancelling pair: opposed");
    expect(text).toContain("90.0%: a b … <c>");
  });

  it("are left out of a run that has none", () => {
    expect(show(full).querySelector("#roles")).toBeNull();
  });
});

describe("assumptions that do not hold", () => {
  it("are said in words, and none where all hold", () => {
    const broken = ["constant LayerNorm: 0.07 of sequences"];

    expect(show({ ...full, validation: { ...full.validation!, broken } }).querySelector("#validation")!.textContent).toContain("Does not hold here: constant LayerNorm: 0.07 of sequences.");
    expect(show(full).querySelector("#validation")!.textContent).not.toContain("Does not hold");
  });
});

describe("prices", () => {
  const price = { kl: 0.02, match_accuracy: 0.95 };
  const validation = {
    ...full.validation!,
    norms: { of_moments: price, constant: price, per_class: price, learned: null, readers: [{ reader: "blocks.0.ln1", variation: 0.08, kl: 0.001 }] },
    mlps: [{ mlp: "m0", targets: [{ target: "x0.post/0", variance_share: 1, linear: 0.43, quadratic: 0.79, sobol_total: 1.36, sources: { "x0.mid/0": 0.9, "x0.mid/1": 0.46 } }] }],
  };

  it("of constant norms and of the first order of MLPs stand in the validation", () => {
    const text = show({ ...full, validation }).querySelector("#validation")!.textContent!;

    expect(text).toContain("blocks.0.ln1 alone (1/σ varies by 8.00%)");
    expect(text).toContain("m0 → x0.post/0100%0.4300.7901.36x0.mid/0 0.900, x0.mid/1 0.460");
  });
});
