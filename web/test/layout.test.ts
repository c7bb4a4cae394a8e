import { describe, expect, it } from "vitest";
import { type Box, layOut } from "../src/graph/layout";
import { drawEdges } from "../src/graph/paths";
import { assignPorts } from "../src/graph/ports";
import type { Circuit } from "../src/report";
import { circuits, full } from "./fixtures";

const WIDTHS = [320, 740, 1230, 2400];

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Every head twelve times, as in a model with twelve heads per layer. */
function manyHeads(circuit: Circuit): Circuit {
  const nodes = circuit.nodes.flatMap((node) =>
    node.kind === "head" ? Array.from({ length: 12 }, (_, h) => ({ ...node, id: `a${node.layer}.${h}` })) : [node],
  );
  return { ...circuit, nodes };
}

describe.each([...circuits, manyHeads(full.circuit!)])("layout", (circuit) => {
  it.each(WIDTHS)("overlaps no two boxes at width %i", (width) => {
    const boxes = [...layOut(circuit, width).boxes.values()];

    const overlapping = boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => overlap(a, b)).map((b) => [a.id, b.id]));

    expect(boxes.length).toBeGreaterThanOrEqual(circuit.nodes.length);
    expect(overlapping).toEqual([]);
  });

  it.each(WIDTHS)("keeps every box inside the drawing at width %i", (width) => {
    const layout = layOut(circuit, width);

    for (const box of layout.boxes.values()) {
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(layout.width);
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(box.y + box.height).toBeLessThanOrEqual(layout.height);
    }
  });

  it("meets every box within its sides and draws every edge with finite numbers", () => {
    const layout = layOut(circuit, 1230);
    const ports = assignPorts(layout, circuit.edges);

    const drawn = drawEdges(layout, ports, circuit.edges);

    expect(drawn).toHaveLength(circuit.edges.length);
    for (const { edge, path } of drawn) {
      expect(path).not.toMatch(/NaN|undefined|Infinity/);
      const box = layout.end(edge, edge.query ?? edge.from ?? edge.kind)!;
      const y = ports.get(edge)!.query ?? ports.get(edge)!.from!;
      expect(y).toBeGreaterThan(box.y);
      expect(y).toBeLessThan(box.y + box.height);
    }
  });
});

describe("columns", () => {
  it("run from the embedding over sites and components to the logits", () => {
    const { columns } = layOut(full.circuit!, 1230);

    expect(columns.map(({ title, ids }) => title || ids.join(" "))).toEqual([
      "embed pos", "x0.pre", "attention", "x0.mid", "MLP", "x0.post", "attention", "x1.mid", "MLP", "x1.post", "logits",
    ]);
    columns.slice(1).forEach((column, i) => expect(column.x).toBeGreaterThan(columns[i]!.x + columns[i]!.width));
  });

  it("put a head between read and write site in a model without MLPs", () => {
    const { columns } = layOut(circuits[1]!, 1230);

    expect(columns.map(({ title }) => title)).toEqual(["", "x0.pre", "attention", "x0.post", "attention", "x1.post", ""]);
    expect(columns[2]!.ids.slice().sort()).toEqual(["a0.0", "a0.1"]);
  });

  it("give bars heights in proportion to their dimensions", () => {
    const { boxes } = layOut(full.circuit!, 1230);
    const perDimension = [...boxes.values()].filter(({ node }) => node.kind === "subspace").map(({ node, height }) => height / node.size!);

    for (const value of perDimension) expect(value).toBeCloseTo(perDimension[0]!, 9);
  });

  it("give a constant query a box at the site that its head reads", () => {
    const layout = layOut(full.circuit!, 1230);
    const edge = full.circuit!.edges.find(({ via, query }) => via === "a1.0" && query === "const")!;

    expect(layout.end(edge, "const")!.id).toBe("const@2");
    expect(layout.columns.find(({ title }) => title === "x0.post")!.ids).toContain("const@2");
  });
});
