import { type Scale, strength, themeColour } from "../attention/heat-map";
import { el } from "../dom";
import { tokenText } from "../format";
import { tone } from "../tone";
import type { Prompt } from "./document";
import type { Triangle } from "./triangle";

const LEVELS = 64;

export interface Sequence {
  element: HTMLElement;
  setPrompt: (prompt: Prompt) => void;
  /** Reads the colours of the theme again. */
  setTheme: () => void;
  /**
   * Shades the tokens for one of them. Attention is causal, so one row shows both ways: before the token what it reads, after it what reads
   * it. `other` is framed.
   */
  show: (pattern: Triangle, token: number, other: number | null, scale: Scale) => void;
}

/** The tokens of a prompt with what the model predicts after them. Pointing shades; only tokens whose shade changes are touched. */
export function sequence(pointed: (token: number) => void, left: () => void, chosen: (token: number) => void): Sequence {
  const element = el("div", { class: "words", role: "group", "aria-label": "Tokens" });
  let words: HTMLElement[] = [];
  let shades: number[] = [];
  let colours: string[] = [];
  let self = -1;
  let framed = -1;

  const indexOf = (event: Event) => {
    const word = event.target instanceof Element ? event.target.closest<HTMLElement>(".word") : null;
    return word === null ? null : words.indexOf(word);
  };
  const on = (name: string, done: (token: number) => void) => element.addEventListener(name, (event) => {
    const token = indexOf(event);
    if (token !== null) done(token);
  });
  on("pointerover", pointed);
  on("focusin", pointed);
  on("click", chosen);
  element.addEventListener("pointerleave", left);
  element.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const token = indexOf(event);
    if (!step || token === null) return;
    event.preventDefault();
    words[token + step]?.focus();
  });

  const setTheme = () => {
    colours = ["--heat-rgb", "--to-rgb"].flatMap((name) => {
      const rgb = themeColour(name).join(" ");
      return Array.from({ length: LEVELS + 1 }, (_, level) => `rgb(${rgb} / ${(level / LEVELS).toFixed(3)})`);
    });
    shades.fill(-1);
  };

  return {
    element,
    setTheme,
    setPrompt: (prompt) => {
      words = prompt.tokens.map((token, i) => el("button", { type: "button", class: "word", tabindex: i === 0 ? 0 : -1 }, el("span", {}, tokenText(token)), answer(prompt, i)));
      shades = words.map(() => -1);
      self = framed = -1;
      element.replaceChildren(...words);
    },
    show: (pattern, token, other, scale) => {
      words.forEach((word, i) => {
        const attention = strength(i <= token ? pattern.at(token, i) : pattern.at(i, token), scale);
        const shade = Math.round(LEVELS * attention) + (i <= token ? 0 : LEVELS + 1);
        if (shades[i] === shade) return;
        shades[i] = shade;
        word.style.backgroundColor = colours[shade] ?? "";
        const next = tone(attention);
        if (word.dataset.tone !== next) word.dataset.tone = next;
      });
      if (self !== token) {
        words[self]?.classList.remove("self");
        words[token]?.classList.add("self");
        if (words[self]) words[self]!.tabIndex = -1;
        else if (words[0]) words[0].tabIndex = -1;
        if (words[token]) words[token]!.tabIndex = 0;
        self = token;
      }
      if (framed !== (other ?? -1)) {
        words[framed]?.classList.remove("other");
        if (other !== null) words[other]?.classList.add("other");
        framed = other ?? -1;
      }
    },
  };
}

/** What the model predicts after a token: where it is scored with a mark; where nothing is scored in the whole prompt without. */
function answer({ supervised, predicted, right }: Prompt, i: number): HTMLElement | null {
  if (supervised[i]) return el("small", { class: right[i] ? "right" : "wrong" }, `→ ${tokenText(predicted[i] ?? "")} ${right[i] ? "✓" : "✗"}`);
  return supervised.includes(true) ? null : el("small", { class: "unscored" }, `→ ${tokenText(predicted[i] ?? "")}`);
}
