import { button, el } from "../dom";
import { describe } from "../header";
import type { AttentionPage, Prompt } from "./document";

export function header(page: AttentionPage): HTMLElement {
  return el(
    "header",
    {},
    el("p", { class: "product" }, "Subspace Circuits · attention"),
    el("h1", {}, page.title),
    el("p", { class: "lead" }, describe(page.model), page.task === null ? ". No task is known: tokens are ids and heads have no scores." : `, task ${page.task}`),
  );
}

export interface PromptBar {
  element: HTMLElement;
  choose: (index: number) => void;
}

/** A button for each prompt, with how much of it the model gets right. */
export function promptBar(prompts: Prompt[], chosen: (index: number) => void): PromptBar {
  const buttons = prompts.map((prompt, i) => {
    const choice = button("", () => chosen(i));
    choice.append(el("b", {}, `${i + 1}  ${prompt.name}`), el("small", {}, about(prompt)));
    return choice;
  });
  return {
    element: el("div", { class: "prompts", role: "group", "aria-label": "Prompts" }, ...buttons),
    choose: (index) => buttons.forEach((choice, i) => choice.setAttribute("aria-pressed", String(i === index))),
  };
}

function about({ tokens, supervised, right }: Prompt): string {
  const scored = supervised.filter(Boolean).length;
  const hits = right.filter((is, i) => supervised[i] && is).length;
  return `${tokens.length} tokens, ${scored === 0 ? "nothing scored" : `${hits} of ${scored} right`}`;
}
