// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PAGES, template } from "../scripts/template.mjs";

describe.each(Object.keys(PAGES))("template of the %s page", (name) => {
  const committed = readFileSync(new URL(`../../src/SubspaceCircuits.Runs/Report/${name}.template.html`, import.meta.url), "utf8");

  it("is what these sources build", async () => {
    expect(committed === (await template(name))).toBe(true);
  });

  it("has one place for the data and none to load anything from", () => {
    expect(committed.split("__REPORT_DATA__")).toHaveLength(2);
    expect(committed).toContain("default-src 'none'");
    expect(committed.match(/https?:\/\/[^"'` )]+/g)).toEqual(["http://www.w3.org/2000/svg"]);
  });
});
