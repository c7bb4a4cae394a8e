// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { template } from "../scripts/template.mjs";

const committed = readFileSync(new URL("../../src/SubspaceCircuits.Runs/Report/report.template.html", import.meta.url), "utf8");

describe("template", () => {
  it("is what these sources build", async () => {
    expect(committed === (await template())).toBe(true);
  });

  it("has one place for the data and none to load anything from", () => {
    expect(committed.split("__REPORT_DATA__")).toHaveLength(2);
    expect(committed).toContain("default-src 'none'");
    expect(committed.match(/https?:\/\/[^"'` )]+/g)).toEqual(["http://www.w3.org/2000/svg"]);
  });
});
