// Bundles src/ into the text of one HTML page. Same sources and lock file, same bytes.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
export const PLACEHOLDER = "__REPORT_DATA__";
const MAX_BYTES = 60_000;

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

export async function template() {
  const [html, style, script] = await Promise.all([
    readFile(here("src/template.html"), "utf8"),
    bundle("src/style/style.css"),
    bundle("src/start.ts"),
  ]);
  const page = html.replace("/*STYLE*/", () => style).replace("/*SCRIPT*/", () => script);
  if (page.split(PLACEHOLDER).length !== 2) throw new Error(`${PLACEHOLDER} must occur exactly once.`);
  if (Buffer.byteLength(page) > MAX_BYTES) throw new Error(`The page has ${Buffer.byteLength(page)} bytes, more than ${MAX_BYTES}.`);
  return page;
}
