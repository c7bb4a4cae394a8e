import { describe, expect, it } from "vitest";
import { toCsv } from "../src/table/csv";
import { DEFAULT_TABLE, rows } from "../src/table/rows";
import { tableSection } from "../src/table/section";
import type { CircuitEdge } from "../src/report";
import { full } from "./fixtures";

const edges = full.circuit!.edges;

describe("rows", () => {
  it("start with the largest variance share", () => {
    const shares = rows(edges, DEFAULT_TABLE).map((edge) => edge.scores.variance_share!);

    expect(shares).toHaveLength(full.validation!.edges);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
  });

  it("sort numbers in names by value, empty cells last both ways", () => {
    const edge = (via: string | null): CircuitEdge => ({ ...edges[0]!, via });
    const vias = (descending: boolean) =>
      rows([edge("a10.0"), edge(null), edge("a2.0")], { ...DEFAULT_TABLE, inCircuitOnly: false, sortBy: "via", descending }).map(({ via }) => via);

    expect(vias(false)).toEqual(["a2.0", "a10.0", null]);
    expect(vias(true)).toEqual(["a10.0", "a2.0", null]);
  });

  it("match every word of the filter, whatever its case", () => {
    const found = rows(edges, { ...DEFAULT_TABLE, inCircuitOnly: false, filter: "QK a1.0 const" });

    expect(found).toHaveLength(3);
    expect(found.every((edge) => edge.kind === "qk" && edge.via === "a1.0" && edge.query === "const")).toBe(true);
  });
});

describe("table", () => {
  const table = tableSection(full)!;
  const column = (name: string) => [...table.querySelectorAll("th button")].find(({ textContent }) => textContent === name) as HTMLButtonElement;

  it("turns the order on a second click and says so", () => {
    column("energy").click();
    expect(column("energy").parentElement!.getAttribute("aria-sort")).toBe("descending");

    column("energy").click();
    expect(column("energy").parentElement!.getAttribute("aria-sort")).toBe("ascending");
    expect(column("variance share").parentElement!.getAttribute("aria-sort")).toBe("none");
  });

  it("counts what the filter leaves", () => {
    const filter = table.querySelector<HTMLInputElement>("input[type=search]")!;

    filter.value = "ov";
    filter.dispatchEvent(new Event("input"));

    expect(table.querySelector(".count")!.textContent).toBe("2 of 105 edges");
    expect(table.querySelectorAll("tbody tr")).toHaveLength(2);
  });
});

describe("CSV", () => {
  it("has one line per edge and the fields of circuit.json", () => {
    const lines = toCsv(edges.slice(0, 3)).trimEnd().split("\r\n");

    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe("kind,via,from,to,query,key,energy,energy_share,z,variance,variance_share,nats,effect,in_circuit");
    expect(lines[1]).toMatch(/^embed,,embed,x0\.pre\/0,,,/);
  });

  it("quotes commas and quotation marks", () => {
    expect(toCsv([{ ...edges[0]!, to: 'a,"b"' }])).toContain(',"a,""b""",');
  });
});
