// Writes the pages.
//   node scripts/build.mjs             the templates that the .NET side fills in
//   node scripts/build.mjs --preview   the templates filled with each fixture, into dist-preview/
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PAGES, PLACEHOLDER, template } from "./template.mjs";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

if (process.argv.includes("--preview")) {
  await mkdir(here("dist-preview"), { recursive: true });
  for (const name of (await readdir(here("test"))).filter((file) => file.endsWith(".json"))) {
    const data = JSON.parse(await readFile(here(`test/${name}`), "utf8"));
    const page = await template(Object.keys(PAGES).find((page) => PAGES[page].schema === data.schema));
    const target = here(`dist-preview/${name.replace(".json", ".html")}`);
    await writeFile(target, page.replace(PLACEHOLDER, () => JSON.stringify(data).replaceAll("<", "\\u003c")));
    console.log(`dist-preview/${name.replace(".json", ".html")}`);
  }
} else {
  const folder = here("../src/SubspaceCircuits.Runs/Report");
  await mkdir(folder, { recursive: true });
  for (const name of Object.keys(PAGES)) {
    const page = await template(name);
    await writeFile(`${folder}/${name}.template.html`, page);
    console.log(`${name}.template.html  ${(Buffer.byteLength(page) / 1000).toFixed(1)} kB`);
  }
}
