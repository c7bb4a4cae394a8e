import { el } from "../dom";
import { percent, tokenText } from "../format";
import { tone } from "../tone";
import type { Example } from "../report";

export interface TokenRows {
  element: HTMLElement;
  /** Shades both rows for one token under a pattern. */
  show: (pattern: number[][], token: number) => void;
}

/** The example twice: above, how much the chosen token attends to each; below, how much each attends to it. */
export function tokenRows(example: Example, chosen: (token: number) => void): TokenRows {
  const from = row(example, chosen);
  const to = row(example, chosen);
  const fromTitle = el("h4");
  const toTitle = el("h4");

  const show = (pattern: number[][], token: number) => {
    const name = `“${tokenText(example.tokens[token] ?? "")}” (${token})`;
    fromTitle.textContent = `Attention from ${name}: which tokens it reads`;
    toTitle.textContent = `Attention to ${name}: which tokens read it`;
    example.tokens.forEach((_, other) => {
      shade(from[other]!, pattern[token]?.[other] ?? 0, other === token);
      shade(to[other]!, pattern[other]?.[token] ?? 0, other === token);
    });
  };
  const element = el("div", { class: "token-rows" }, fromTitle, el("div", { class: "tokens" }, ...from), toTitle, el("div", { class: "tokens" }, ...to));
  return { element, show };
}

function row(example: Example, chosen: (token: number) => void): HTMLElement[] {
  return example.tokens.map((token, i) => {
    const answer = example.supervised?.[i] ? example.predicted?.[i] : null;
    const element = el("button", { type: "button", class: "token" }, el("span", {}, tokenText(token)), answer == null ? null : el("small", {}, `→ ${tokenText(answer)}`));
    element.addEventListener("pointerenter", () => chosen(i));
    element.addEventListener("focus", () => chosen(i));
    return element;
  });
}

function shade(element: HTMLElement, attention: number, self: boolean): void {
  element.style.setProperty("--strength", `${Math.round(100 * Math.min(1, attention))}%`);
  element.dataset.tone = tone(attention);
  element.classList.toggle("self", self);
  element.title = percent(attention);
}
