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
