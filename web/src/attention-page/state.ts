import type { Scale } from "../attention/heat-map";

/** What the page shows; all of it stands in the address, so that a link leads to the same view. */
export interface View {
  /** Index of the prompt. */
  prompt: number;
  /** Name of the head. */
  head: string;
  /** The token that stays chosen while the pointer moves, or null. */
  token: number | null;
  scale: Scale;
}

/** "#prompt=2&head=a1.0&token=7": prompts are counted from 1, tokens from 0. */
export function toHash({ prompt, head, token, scale }: View): string {
  const parts = [`prompt=${prompt + 1}`, `head=${head}`, token === null ? "" : `token=${token}`, scale === "linear" ? "" : `scale=${scale}`];
  return `#${parts.filter(Boolean).join("&")}`;
}

/** The view of an address; what it does not say, or says wrongly, stays as in `fallback`. `sizes` are the tokens of each prompt. */
export function fromHash(hash: string, fallback: View, heads: string[], sizes: number[]): View {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const whole = (name: string, end: number) => {
    const text = said.get(name) ?? "";
    return /^\d+$/.test(text) && Number(text) < end ? Number(text) : null;
  };
  const number = whole("prompt", sizes.length + 1);
  const prompt = number ? number - 1 : fallback.prompt;
  const head = said.get("head") ?? "";
  return {
    prompt,
    head: heads.includes(head) ? head : fallback.head,
    token: whole("token", sizes[prompt] ?? 0),
    scale: said.get("scale") === "sqrt" ? "sqrt" : "linear",
  };
}
