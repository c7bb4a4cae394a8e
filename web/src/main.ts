import { attentionSection } from "./attention/section";
import { el } from "./dom";
import { graphSection } from "./graph/section";
import { header } from "./header";
import { notesSection } from "./notes";
import { partitionSection } from "./partition/section";
import type { Report } from "./report";
import { rolesSection } from "./roles/section";
import { tableSection } from "./table/section";
import { validationSection } from "./validation/section";

/** The whole page for one report. */
export function page(report: Report): Node[] {
  const sections = [
    graphSection(report),
    tableSection(report),
    partitionSection(report),
    attentionSection(report),
    rolesSection(report),
    validationSection(report),
    notesSection(report),
  ].filter((part) => part !== null);
  return [header(report), contents(sections), el("main", {}, ...sections)];
}

function contents(sections: HTMLElement[]): HTMLElement {
  const links = sections.map((part) => el("a", { href: `#${part.id}` }, part.querySelector("h2")?.textContent ?? part.id));
  return el("nav", { "aria-label": "Sections" }, ...links);
}
