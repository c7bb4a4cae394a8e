// Bundles src/ into the text of one HTML page for each entry point. Same sources and lock file, same bytes.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
export const PLACEHOLDER = "__REPORT_DATA__";
export const PAGES = {
  report: { schema: "subspace-circuits/report/1", style: "src/style/style.css", script: "src/start.ts", maxBytes: 60_000 },
  attention: { schema: "subspace-circuits/attention-page/1", style: "src/style/attention-page.css", script: "src/attention-page/start.ts", maxBytes: 40_000 },
};

async function bundle(entry) {
  const result = await build({
    entryPoints: [here(entry)],
    absWorkingDir: here(""),
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    format: "iife",
    target: ["chrome115", "firefox115", "safari16.4"],
    legalComments: "none",
  });
  return result.outputFiles[0].text.trimEnd();
}

export async function template(name) {
  const { style: styleEntry, script: scriptEntry, maxBytes } = PAGES[name];
  const [html, style, script] = await Promise.all([
    readFile(here("src/template.html"), "utf8"),
    bundle(styleEntry),
    bundle(scriptEntry),
  ]);
  const page = html.replace("/*STYLE*/", () => style).replace("/*SCRIPT*/", () => script);
  if (page.split(PLACEHOLDER).length !== 2) throw new Error(`${PLACEHOLDER} must occur exactly once.`);
  if (Buffer.byteLength(page) > maxBytes) throw new Error(`The ${name} page has ${Buffer.byteLength(page)} bytes, more than ${maxBytes}.`);
  return page;
}
