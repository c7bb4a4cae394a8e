import { beforeEach, describe, expect, it } from "vitest";
import type { AttentionPage } from "../src/attention-page/document";
import { page } from "../src/attention-page/page";
import { attentionPage } from "./fixtures";

let moved: string[] = [];
let go: (hash: string) => void = () => {};

function show(data: AttentionPage = attentionPage, address = ""): HTMLElement {
  moved = [];
  const shown = page(data, address, (hash) => moved.push(hash));
  go = shown.go;
  document.body.replaceChildren(...shown.nodes);
  return document.body;
}

const texts = (root: ParentNode, selector: string) => [...root.querySelectorAll(selector)].map(({ textContent }) => textContent);
const get = <E extends HTMLElement = HTMLElement>(selector: string) => document.body.querySelector<E>(selector)!;
const over = (token: number) => document.querySelectorAll(".word")[token]!.dispatchEvent(new Event("pointerover", { bubbles: true }));

describe("page of attention", () => {
  beforeEach(() => void show());

  it("has every head in its layer's row, with its most telling score", () => {
    expect(texts(document, ".thumbnail b")).toEqual(["a0.0", "a0.1", "a1.0", "a1.1"]);
    expect(texts(document, ".layer")).toEqual(["layer 0", "layer 1"]);
    expect(get(".thumbnail small").textContent).toBe("previous token 90.0%");
    expect(document.querySelectorAll<HTMLElement>(".thumbnail")[3]!.style.gridArea.replaceAll(" ", "")).toBe("2/3");
  });

  it("marks right and wrong answers where they are scored", () => {
    const { supervised, right } = attentionPage.prompts[0]!;

    expect(texts(document, ".word small.right")).toHaveLength(right.filter(Boolean).length);
    expect(texts(document, ".word small.wrong")).toEqual(["→ {a␣<eos>} ✗"]);
    expect(texts(document, ".word small")).toHaveLength(supervised.filter(Boolean).length);
  });

  it("tells how many answers of a prompt are right", () => {
    expect(texts(document, ".prompts small")).toEqual(["10 tokens, 4 of 5 right", "8 tokens, nothing scored"]);
  });

  it("switches prompts: other tokens, predictions everywhere where nothing is scored", () => {
    document.querySelectorAll<HTMLElement>(".prompts button")[1]!.click();

    expect(texts(document, ".word > span")).toEqual(["<bos>", "a", "<img␣src=x␣onerror=alert(1)>", "␣the", "<sep>", "a", "<img␣src=x␣onerror=alert(1)>", "␣the"]);
    expect(texts(document, ".word small.unscored")).toHaveLength(8);
    expect(moved).toEqual(["#prompt=2&head=a0.0"]);
  });

  it("says what a token under the pointer reads and what reads it", () => {
    over(4);

    expect(get(".details h4").textContent).toBe("“d” at 4");
    expect(texts(document, ".details ol:first-of-type li:first-child")[0]).toMatch(/^“c” at 39\d\.\d%$/);
    expect(texts(document, ".details ol")[1]).toMatch(/^“<sep>” at 5/);
  });

  it("keeps a token that was clicked, until it is clicked again or Esc", () => {
    const word = document.querySelectorAll<HTMLElement>(".word")[3]!;

    word.click();
    over(5);
    const kept = get(".details h4").textContent;
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    over(5);

    expect(kept).toMatch(/^“c” at 3 · locked/);
    expect(get(".details h4").textContent).toBe("“<sep>” at 5");
    expect(moved).toEqual(["#prompt=1&head=a0.0&token=3", "#prompt=1&head=a0.0"]);
  });

  it("shows the pair of the kept token and the one under the pointer", () => {
    document.querySelectorAll<HTMLElement>(".word")[3]!.click();

    over(1);

    expect(get(".readout").textContent).toMatch(/^query “c” at 3 → key “a” at 1: /);
  });

  it("goes from head to head with the arrow keys, as far as there are heads", () => {
    for (const key of ["ArrowRight", "ArrowDown", "ArrowDown"]) get(".heads").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));

    expect(get(".thumbnail[aria-pressed=true] b").textContent).toBe("a1.1");
    expect(get(".large h3").textContent).toBe("a1.1 · induction 80.0%");
  });

  it("says what stands under the pointer on a small map, and no more once it leaves", () => {
    const small = document.querySelectorAll<HTMLElement>(".thumbnail canvas")[2]!;
    for (const name of ["clientWidth", "clientHeight"]) Object.defineProperty(small, name, { value: 100 });
    const move = Object.assign(new Event("pointermove"), { offsetX: 29, offsetY: 99.9, clientX: 5, clientY: 5 });

    small.dispatchEvent(move);
    const text = get(".tooltip").textContent;
    small.dispatchEvent(new Event("pointerleave"));

    expect(text).toMatch(/^a1\.0: query “d” at 9 → key “b” at 2: \d/);
    expect(get(".tooltip").hidden).toBe(true);
    expect(get(".thumbnail[aria-pressed=true] b").textContent).toBe("a0.0");
  });

  it("touches no node when the pointer moves", () => {
    const before = [...document.querySelectorAll("*")];

    over(2);
    over(7);

    expect([...document.querySelectorAll("*")].every((element, i) => element === before[i])).toBe(true);
  });
});

describe("table of scores", () => {
  beforeEach(() => void show());
  const heads = () => texts(document, "#scores tbody th");
  const heading = (name: string) => [...document.querySelectorAll<HTMLElement>("#scores thead button")].find(({ textContent }) => textContent === name)!;

  it("has the scores, the greater null beside each, and whether the head is needed", () => {
    const cells = texts(get("#scores tbody tr"), "td");

    expect(texts(document, "#scores thead th")).toEqual(["head", "previous token", "induction", "same token", "first position", "redundancy"]);
    expect(cells[0]).toBe("90.0%6.00%");
    expect(cells[4]).toBe("neededAccuracy falls to 3.1% without it.");
    expect(get("#scores caption").textContent).toMatch(/Grey: the same on shuffled sequences or of uniform attention, whichever is more\.$/);
    expect(get("#scores td").title).toBe("shuffled 5.00%, uniform 6.00%");
  });

  it("sorts by a heading, numbers from the greatest, and turns on a second click", () => {
    heading("previous token").click();
    const falling = heads();
    heading("previous token").click();

    expect(falling.slice(0, 2)).toEqual(["a0.0", "a0.1"]);
    expect(heads().slice(-2)).toEqual(["a0.1", "a0.0"]);
  });

  it("chooses the head of a row", () => {
    document.querySelectorAll<HTMLElement>("#scores tbody tr")[2]!.click();

    expect(get(".thumbnail[aria-pressed=true] b").textContent).toBe("a1.0");
    expect(moved).toEqual(["#prompt=1&head=a1.0"]);
  });

  it("is left out where no task is known", () => {
    show({ ...attentionPage, task: null, heads: [] });

    expect(document.querySelector("#scores")).toBeNull();
    expect(get(".lead").textContent).toContain("No task is known");
    expect(document.querySelectorAll(".thumbnail small")).toHaveLength(0);
  });
});

describe("address", () => {
  it("opens the prompt, head and token that it names", () => {
    show(attentionPage, "#prompt=2&head=a1.1&token=3");

    expect(get(".thumbnail[aria-pressed=true] b").textContent).toBe("a1.1");
    expect(get(".details h4").textContent).toMatch(/^“␣the” at 3 · locked/);
  });

  it("may change while the page stands", () => {
    show();

    go("#prompt=2&head=a0.1");

    expect(texts(document, ".word")).toHaveLength(8);
    expect(get(".thumbnail[aria-pressed=true] b").textContent).toBe("a0.1");
    expect(moved).toEqual([]);
  });
});

describe("text on the page of attention", () => {
  it("is never markup", () => {
    const evil = "<img src=x onerror=alert(1)>";
    const heads = attentionPage.heads!.map((head) => ({ ...head, [evil]: 0.99, redundancy: { verdict: evil, text: evil } }));
    const prompts = attentionPage.prompts.map((prompt) => ({ ...prompt, name: evil, tokens: prompt.tokens.map(() => evil), predicted: prompt.predicted.map(() => evil) }));

    const body = show({ ...attentionPage, title: evil, task: evil, heads, prompts });
    over(2);

    expect(body.querySelector("img")).toBeNull();
    expect(body.querySelector("h1")!.textContent).toBe(evil);
    expect(body.querySelector(".word > span")!.textContent).toBe("<img␣src=x␣onerror=alert(1)>");
  });

  it("says so when there is no prompt", () => {
    expect(texts(show({ ...attentionPage, prompts: [] }), ".missing")).toEqual(["There is no prompt in this page."]);
  });
});
