import { type Scale, strength, themeColour } from "../attention/heat-map";
import { el } from "../dom";
import { tokenText } from "../format";
import { tone } from "../tone";
import type { Prompt } from "./document";
import { cut } from "./map";
import { shading } from "./shading";
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

/** The tokens of a prompt with what the model predicts after them. Pointing draws shades behind them and touches only those whose frame or ink changes. */
export function sequence(pointed: (token: number) => void, left: () => void, chosen: (token: number) => void): Sequence {
  const element = el("div", { class: "words", role: "group", "aria-label": "Tokens" });
  let words: HTMLElement[] = [];
  let tones: string[] = [];
  let colours: string[] = [];
  let self = -1;
  let framed = -1;
  const shades = shading(element);

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
  };

  return {
    element,
    setTheme,
    setPrompt: (prompt) => {
      words = prompt.tokens.map((token, i) => el("button", { type: "button", class: "word", tabindex: -1 }, el("span", {}, tokenText(token)), answer(prompt, i)));
      tones = words.map(() => "");
      self = framed = -1;
      element.replaceChildren(shades.canvas, ...words);
      shades.place(words);
    },
    show: (pattern, token, other, scale) => {
      const strengths = words.map((_, i) => strength(i <= token ? pattern.at(token, i) : pattern.at(i, token), scale));
      shades.paint(strengths.map((value, i) => (value === 0 ? null : colours[Math.round(LEVELS * value) + (i <= token ? 0 : LEVELS + 1)] ?? null)));
      strengths.forEach((value, i) => {
        const next = tone(value);
        if (tones[i] !== next) words[i]!.dataset.tone = tones[i] = next;
      });
      if (self !== token) {
        const [before, now] = [words[self], words[token]];
        before?.classList.remove("self");
        before?.setAttribute("tabindex", "-1");
        now?.classList.add("self");
        now?.setAttribute("tabindex", "0");
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

/** What the model predicts after a token, cut to a few letters: where it is scored with a mark; where nothing is scored in the whole prompt without. */
function answer({ supervised, predicted, right }: Prompt, i: number): HTMLElement | null {
  const text = `→ ${cut(tokenText(predicted[i] ?? ""), 10)}`;
  if (supervised[i]) return el("small", { class: right[i] ? "right" : "wrong" }, `${text} ${right[i] ? "✓" : "✗"}`);
  return supervised.includes(true) ? null : el("small", { class: "unscored" }, text);
}
