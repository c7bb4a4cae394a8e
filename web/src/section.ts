import { el } from "./dom";

/** A titled part of the page. */
export function section(id: string, title: string, lead: string | null, ...content: Node[]): HTMLElement {
  return el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title` }, title),
    lead === null ? null : el("p", { class: "lead" }, lead),
    ...content,
  );
}

/** What stands in place of a stage that the run has not reached, with the command that runs it. */
export function missing(stage: string, command: string): HTMLElement {
  return el(
    "p",
    { class: "missing" },
    `No ${stage} yet: run `,
    el("code", {}, command),
    ", then write the report again.",
  );
}
