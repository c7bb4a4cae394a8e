import { el } from "./dom";
import { page } from "./main";
import type { Report } from "./report";

/** Reads the document embedded in the page; the bare template has only a placeholder there. */
function embedded(): Report | null {
  try {
    return JSON.parse(document.getElementById("report-data")?.textContent ?? "") as Report;
  } catch {
    return null;
  }
}

const report = embedded();
if (report === null) {
  document.body.append(el("p", { class: "missing" }, "This is the empty template: write a report with `subspace report RUN`."));
} else {
  document.title = `${report.title} · Subspace Circuits`;
  document.body.append(...page(report));
}
