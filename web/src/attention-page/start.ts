import { el } from "../dom";
import type { AttentionPage } from "./document";
import { page } from "./page";

/** Reads the document embedded in the page; the bare template has only a placeholder there. */
function embedded(): AttentionPage | null {
  try {
    return JSON.parse(document.getElementById("report-data")?.textContent ?? "") as AttentionPage;
  } catch {
    return null;
  }
}

const data = embedded();
if (data === null) {
  document.body.append(el("p", { class: "missing" }, "This is the empty template: write a page with `subspace attention MODEL --out FOLDER`."));
} else {
  document.title = `${data.title} · attention · Subspace Circuits`;
  const { nodes, go } = page(data, location.hash, (hash) => history.replaceState(null, "", hash));
  document.body.append(...nodes);
  window.addEventListener("hashchange", () => go(location.hash));
}
