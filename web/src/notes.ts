import { el } from "./dom";
import type { Report } from "./report";
import { section } from "./section";

export function notesSection({ notes }: Report): HTMLElement {
  const content = notes?.length
    ? el("ul", {}, ...notes.map((note) => el("li", {}, note)))
    : el("p", { class: "hint" }, "No notes.");
  return section("notes", "Notes", null, content);
}
