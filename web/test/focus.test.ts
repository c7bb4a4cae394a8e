import { describe, expect, it } from "vitest";
import { lit, step } from "../src/graph/focus";
import { layOut } from "../src/graph/layout";
import { graphView } from "../src/graph/view";
import { full } from "./fixtures";

const circuit = full.circuit!;
const kept = circuit.edges.filter((edge) => edge.in_circuit);
const layout = layOut(circuit, 1230);

describe("focus", () => {
  it("on a head lights its edges and their ends", () => {
    const found = lit({ node: "a1.0" }, layout, kept);

    expect([...found.edges].map((i) => kept[i]!.via)).toEqual(Array(4).fill("a1.0"));
    expect([...found.nodes].sort()).toEqual(["a1.0", "x0.post/0", "x0.post/1", "x0.post/2", "x1.mid/2"]);
  });

  it("on an edge lights that edge alone", () => {
    const ov = kept.findIndex((edge) => edge.kind === "ov");

    expect([...lit({ edge: ov }, layout, kept).nodes].sort()).toEqual(["a0.0", "x0.mid/1", "x0.pre/0"]);
  });

  it("walks the columns with the arrow keys and stops at the ends", () => {
    expect(step(layout, "embed", "ArrowDown")).toBe("pos");
    expect(step(layout, "embed", "ArrowRight")).toBe("x0.pre/0");
    expect(step(layout, "embed", "ArrowLeft")).toBeNull();
    expect(step(layout, "logits", "ArrowRight")).toBeNull();
  });
});

describe("pin", () => {
  it("stays when the pointer leaves and goes with Escape", () => {
    const view = graphView(circuit, 1230);
    view.show(kept);
    document.body.replaceChildren(view.element);
    const head = view.element.querySelector("[data-node='a0.0']")!;

    head.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    view.element.dispatchEvent(new Event("pointerleave"));
    expect(head.getAttribute("aria-pressed")).toBe("true");
    expect(view.element.querySelectorAll(".edge.lit")).toHaveLength(4);

    head.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(view.element.querySelectorAll(".lit")).toHaveLength(0);
  });
});

describe("keyboard", () => {
  it("walks with one tab stop and steps through the edges of a node", () => {
    const view = graphView(circuit, 1230);
    view.show(kept);
    document.body.replaceChildren(view.element);
    const press = (key: string) => document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    view.element.querySelector<SVGGElement>("[tabindex='0']")!.focus();

    press("ArrowRight");
    expect(document.activeElement!.getAttribute("data-node")).toBe("x0.pre/0");
    expect(view.element.querySelectorAll("[tabindex='0']")).toHaveLength(1);

    press("e");
    expect(document.activeElement!.getAttribute("aria-label")).toContain("x0.pre/0");
    expect(view.element.querySelectorAll(".edge.lit")).toHaveLength(1);

    press("ArrowRight");
    expect(document.activeElement!.getAttribute("data-node")).toBe("a0.0");
  });
});
