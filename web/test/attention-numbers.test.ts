import { describe, expect, it } from "vitest";
import { strength } from "../src/attention/heat-map";
import { nullsText, redundancy, telling } from "../src/attention/scores";
import { largest } from "../src/attention-page/details";
import { cellSize, labelStep } from "../src/attention-page/map";
import { fromHash, toHash, type View } from "../src/attention-page/state";
import { Triangle } from "../src/attention-page/triangle";

const base64 = (...values: number[]) => btoa(values.map((value) => String.fromCharCode(value & 255, value >> 8)).join(""));

describe("triangle", () => {
  it("stands row by row, least byte first", () => {
    const pattern = Triangle.decode(base64(65535, 0x1234, 65535 - 0x1234), 2);

    expect(pattern.at(0, 0)).toBe(1);
    expect(pattern.at(1, 0)).toBe(0x1234 / 65535);
    expect(pattern.at(1, 1)).toBe(1 - 0x1234 / 65535);
  });

  it("is nothing above the diagonal and outside", () => {
    const pattern = Triangle.decode(base64(65535, 1, 2), 2);

    expect([pattern.at(0, 1), pattern.at(2, 0), pattern.at(0, -1)]).toEqual([0, 0, 0]);
  });

  it.each([1, 2, 4])("of another size than the %i tokens is refused", (size) => {
    expect(() => Triangle.decode(base64(1, 2, 3, 4, 5, 6), size)).toThrow(/bytes/);
  });
});

describe("address", () => {
  const heads = ["a0.0", "a1.0"];
  const start: View = { prompt: 0, head: "a0.0", token: null, scale: "linear" };

  it.each<View>([
    start,
    { prompt: 1, head: "a1.0", token: 0, scale: "sqrt" },
    { prompt: 0, head: "a1.0", token: 4, scale: "linear" },
  ])("of %j leads back to it", (view) => expect(fromHash(toHash(view), start, heads, [5, 9])).toEqual(view));

  it.each(["", "#", "#prompt=0", "#prompt=3", "#prompt=x&head=a9.9", "#token=5", "#token=-1", "#token=1.5", "#scale=log", "#head=%"])("%j changes nothing", (hash) =>
    expect(fromHash(hash, start, heads, [5, 9])).toEqual(start));
});

it.each([[0.25, "linear", 0.25], [0.25, "sqrt", 0.5], [-1, "linear", 0], [2, "sqrt", 1]] as const)("attention %s on the %s scale is %s strong", (value, scale, expected) =>
  expect(strength(value, scale)).toBe(expected));

it("a head's most telling score is furthest above its null, not the greatest", () => {
  const head = { head: "a0.0", layer: 0, first_position: 0.9, induction: 0.6, shuffled: { first_position: 0.85, induction: 0.05 }, uniform: { first_position: 0.1 } };

  expect(telling(head)).toEqual({ name: "induction", value: 0.6 });
});

it.each([
  ["needed", { verdict: "needed", text: null }],
  [{ verdict: "needed", text: "It is." }, { verdict: "needed", text: "It is." }],
  [{ verdict: "needed", text: null }, { verdict: "needed", text: null }],
  [{ text: "It is." }, null],
  [0.5, null],
  [null, null],
])("redundancy written as %j is read as %j", (written, read) => expect(redundancy({ head: "a0.0", layer: 0, redundancy: written })).toEqual(read));

it("nulls are named only where they are", () => {
  const head = { head: "a0.0", layer: 0, induction: 0.6 };

  expect([nullsText([head]), nullsText([head, { ...head, shuffled: {} }])]).toEqual(["", "on shuffled sequences"]);
});

it("the greatest entries come in order, at most five, without what rounds to nothing", () => {
  const values = [0.1, 0.0005, 0.3, 0.2, 0.05, 0.25, 0.0999];

  expect(largest(values.length, (i) => values[i]!).map(({ index }) => index)).toEqual([2, 5, 3, 0, 6]);
  expect(largest(2, () => 0.0001)).toEqual([]);
});

it.each([[1, 40], [48, 10], [200, 2], [303, 2], [601, 1]])("a map of %i tokens has cells of %i pixels", (tokens, pixels) => expect(cellSize(tokens)).toBe(pixels));

it.each([[40, 1], [12, 1], [10, 2], [2, 10], [1, 20]])("cells of %i pixels are labelled every %i", (cell, step) => expect(labelStep(cell)).toBe(step));
