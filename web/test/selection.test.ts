import { describe, expect, it } from "vitest";
import { graphControls } from "../src/graph/controls";
import { countsByKind, DEFAULT_SELECTION, isSelected, type Selection, shareAt } from "../src/graph/selection";
import { full } from "./fixtures";

const edges = full.circuit!.edges;
const number = (selection: Selection) => edges.filter((edge) => isSelected(edge, selection)).length;

describe("selection", () => {
  it("shows the edges of the circuit at first", () => {
    expect(number(DEFAULT_SELECTION)).toBe(full.validation!.edges);
    expect(number({ ...DEFAULT_SELECTION, inCircuitOnly: false })).toBe(full.validation!.of);
  });

  it("keeps exactly the edges at or above the threshold", () => {
    const shares = edges.map((edge) => edge.scores.variance_share!).sort((a, b) => b - a);

    expect(number({ ...DEFAULT_SELECTION, inCircuitOnly: false, minVarianceShare: shares[9]! })).toBe(10);
  });

  it("counts a kind whatever its own toggle says", () => {
    const withoutQk = { ...DEFAULT_SELECTION, kinds: new Set(["ov" as const]) };

    expect(number(withoutQk)).toBe(2);
    expect(countsByKind(edges, withoutQk).get("qk")).toEqual({ shown: 6, of: 24 });
  });
});

describe("slider", () => {
  it("is 0 at the left end, 1 at the right, logarithmic between", () => {
    expect([0, 50, 75, 100].map(shareAt)).toEqual([0, 0.01, 0.1, 1]);
  });

  it("updates the live count", () => {
    const chosen: number[] = [];
    const controls = graphControls(edges, (selection) => chosen.push(number(selection)));
    const slider = controls.querySelector<HTMLInputElement>("input[type=range]")!;

    slider.value = "99";
    slider.dispatchEvent(new Event("input"));

    expect(controls.querySelector(".count")!.textContent).toBe(`${chosen.at(-1)} of 105 edges`);
    expect(chosen.at(-1)).toBeLessThan(chosen[0]!);
  });
});
