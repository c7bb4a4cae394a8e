import { onTheme } from "../attention/heat-map";
import { button, checkbox, el } from "../dom";
import { percent, words } from "../format";
import { telling } from "../attention/scores";
import { section } from "../section";
import { details, named, pairText } from "./details";
import { type AttentionPage, headName } from "./document";
import { headGrid } from "./grid";
import { header, promptBar } from "./header";
import { headMap } from "./map";
import { gridPicture, headPicture, save } from "./picture";
import { scoresTable } from "./scores-table";
import { sequence } from "./sequence";
import { fromHash, toHash, type View } from "./state";
import { Triangle } from "./triangle";

const LEAD = "Choose a head, then point at its map or at a token: before the token what it reads, after it what reads it. A click keeps a token.";

/** The whole page. `address` is the part after "#"; `moved` gets the new one whenever the view changes. */
export function page(data: AttentionPage, address: string, moved: (hash: string) => void): { nodes: Node[]; go: (hash: string) => void } {
  const ordered = [...(data.prompts[0]?.patterns ?? [])].sort((a, b) => a.layer - b.layer || a.head - b.head);
  if (ordered.length === 0) return { nodes: [header(data), el("p", { class: "missing" }, "There is no prompt in this page.")], go: () => {} };
  const names = ordered.map(headName);
  const sizes = data.prompts.map(({ tokens }) => tokens.length);
  const scores = data.heads ?? [];
  let view: View = { prompt: 0, head: names[0]!, token: null, scale: "linear" };
  let pointed: { token: number; query: number; key: number; isToken: boolean } | null = null;

  // Patterns are decoded when they are first shown.
  const decoded = data.prompts.map(() => new Map<string, Triangle>());
  const prompt = () => data.prompts[view.prompt]!;
  const patternOf = (head: string): Triangle => {
    const known = decoded[view.prompt]!;
    if (!known.has(head)) known.set(head, Triangle.decode(prompt().patterns.find((pattern) => headName(pattern) === head)?.data ?? "", prompt().tokens.length));
    return known.get(head)!;
  };

  const bar = promptBar(data.prompts, (index) => update({ prompt: index, token: null }));
  const grid = headGrid(ordered, scores, (head) => {
    update({ head });
    map.element.scrollIntoView?.({ block: "nearest" });
  }, (head, query, key) => `${head}: ${pairText(prompt(), patternOf(head), query, key)}`);
  const table = scores.length > 0 ? scoresTable(scores, (head) => update({ head })) : null;
  const lock = (token: number) => update({ token: view.token === token ? null : token });
  const leave = () => point(null);
  const map = headMap((query, key) => point({ token: query, query, key, isToken: false }), leave, lock);
  const tokens = sequence(
    (token) => point({ token, query: Math.max(token, view.token ?? token), key: Math.min(token, view.token ?? token), isToken: true }),
    leave,
    lock,
  );
  const facts = details();
  const title = el("h3");
  const readout = el("p", { class: "readout" });
  const scale = checkbox("square root of attention", false, (on) => update({ scale: on ? "sqrt" : "linear" }));
  const file = (part: string) => `${data.title}.${part}.prompt-${view.prompt + 1}.png`;
  const saveHead = button("Save head as PNG", () => save(headPicture(data, prompt(), view.head, patternOf(view.head), view.scale), file(view.head)));
  const saveGrid = button("Save grid as PNG", () => save(gridPicture(data, prompt(), patternOf, view.scale), file("heads")));

  /** Follows the pointer: moves the crosshair, shades tokens, changes texts. Nothing else. */
  const point = (next: typeof pointed) => {
    pointed = next;
    const token = view.token ?? pointed?.token ?? sizes[view.prompt]! - 1;
    const [query, key] = [pointed?.query ?? token, pointed?.key ?? null];
    const pattern = patternOf(view.head);
    map.point(query, key);
    const other = view.token !== null && pointed?.token !== undefined ? pointed.token : key;
    tokens.show(pattern, token, other === token ? null : other, view.scale);
    facts.show(prompt(), pattern, token, view.token !== null);
    readout.textContent =
      key === null ? "query ↓  key →"
      : key === query && view.token === null && pointed?.isToken ? `${named(prompt(), token)}: its row is what it reads, its column what reads it`
      : pairText(prompt(), pattern, query, key);
  };
  const draw = () => {
    grid.draw(patternOf, view.scale);
    map.draw(patternOf(view.head), view.scale);
  };
  const show = (next: View, isFirst: boolean) => {
    const previous = view;
    view = next;
    const isPrompt = isFirst || previous.prompt !== view.prompt;
    if (isPrompt) {
      map.setTokens(prompt().tokens);
      tokens.setPrompt(prompt());
      pointed = null;
    }
    if (isPrompt || previous.scale !== view.scale) grid.draw(patternOf, view.scale);
    map.draw(patternOf(view.head), view.scale);
    bar.choose(view.prompt);
    grid.choose(view.head);
    table?.choose(view.head);
    scale.querySelector("input")!.checked = view.scale === "sqrt";
    const own = scores.find(({ head }) => head === view.head);
    const most = own ? telling(own) : null;
    title.textContent = most === null ? view.head : `${view.head} · ${words(most.name)} ${percent(most.value)}`;
    point(pointed);
  };
  const update = (change: Partial<View>) => {
    show({ ...view, ...change }, false);
    moved(toHash(view));
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && view.token !== null) update({ token: null });
  });
  show(fromHash(address, view, names, sizes), true);
  onTheme(() => {
    tokens.setTheme();
    draw();
    point(pointed);
  });

  const large = el("figure", { class: "large" }, el("div", { class: "bar" }, title, saveHead), map.element, readout);
  const heads = section("heads", "Heads", LEAD, bar.element, el("div", { class: "controls" }, el("div", {}, scale, saveGrid)),
    el("div", { class: "viewer" }, grid.element, large, el("div", { class: "text" }, tokens.element, legend(), facts.element)));
  return {
    nodes: [header(data), el("main", {}, heads, ...(table === null ? [] : [section("scores", "Scores", null, table.element)]))],
    go: (hash) => show(fromHash(hash, view, names, sizes), false),
  };
}

function legend(): HTMLElement {
  const key = (kind: string, text: string) => el("span", {}, el("i", { class: `sample ${kind}` }), text);
  return el("p", { class: "hint legend" }, key("from", "read by the chosen token"), key("to", "reads the chosen token"), key("self", "the chosen token"));
}
