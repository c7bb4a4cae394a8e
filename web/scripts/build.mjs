// Writes the page.
//   node scripts/build.mjs             the template that the .NET side fills in
//   node scripts/build.mjs --preview   the template filled with each fixture, into dist-preview/
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PLACEHOLDER, template } from "./template.mjs";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const page = await template();
if (process.argv.includes("--preview")) {
  await mkdir(here("dist-preview"), { recursive: true });
  for (const name of (await readdir(here("test"))).filter((file) => file.endsWith(".json"))) {
    const json = JSON.stringify(JSON.parse(await readFile(here(`test/${name}`), "utf8"))).replaceAll("<", "\\u003c");
    const target = here(`dist-preview/${name.replace(".json", ".html")}`);
    await writeFile(target, page.replace(PLACEHOLDER, () => json));
    console.log(`dist-preview/${name.replace(".json", ".html")}`);
  }
} else {
  const target = here("../src/SubspaceCircuits.Runs/Report/report.template.html");
  await mkdir(here("../src/SubspaceCircuits.Runs/Report"), { recursive: true });
  await writeFile(target, page);
  console.log(`report.template.html  ${(Buffer.byteLength(page) / 1000).toFixed(1)} kB`);
}
