import { el } from "../dom";
import { count, number, percent, words } from "../format";
import type { Discovery, SplitNode } from "../report";
import { facts, hideTooltip, showTooltip } from "../tooltip";

/**
 * Every group of directions that was looked into, from all of them on top to the smallest ones: as wide as it has directions, with q, what its best cut's
 * parts share. Groups that are kept whole are filled, those below them were looked into and not used.
 */
export function splitTree(discovery: Discovery): HTMLElement {
  return el(
    "figure",
    { class: "split-tree" },
    el("figcaption", {}, `Cuts that were tried. ${outcome(discovery)}`),
    el("div", { class: "split-row" }, node(discovery.tree, false)),
  );
}

function node(group: SplitNode, isInside: boolean): HTMLElement {
  const isWhole = group.verdict === "whole";
  const kind = isInside ? "unused" : !isWhole ? "cut" : group.is_loose ? "loose" : "whole";
  const box = el(
    "button",
    { type: "button", class: "split-box", "aria-label": `${group.size} directions, ${kind}: ${group.reason}` },
    el("strong", {}, String(group.size)),
    el("span", {}, group.share === null ? "" : `q ${number(group.share)}`),
  );
  const show = (x: number, y: number): void => showTooltip(explained(group), { x, y });
  box.addEventListener("pointermove", (event) => show(event.clientX, event.clientY));
  box.addEventListener("focus", () => {
    const { left, bottom } = box.getBoundingClientRect();
    show(left, bottom);
  });
  for (const leave of ["pointerleave", "blur"]) box.addEventListener(leave, hideTooltip);
  const parts = group.children.map((child) => node(child, isInside || isWhole));
  return el("div", { class: `split ${kind}`, style: `flex:${group.size} ${group.size} 0` }, box, parts.length ? el("div", { class: "split-row" }, ...parts) : null);
}

function explained(group: SplitNode): HTMLElement {
  const tried = group.tried.map((cut): [string, string] => [`${words(cut.proposal)} ${cut.sizes.join(" | ")}`, `q ${number(cut.share)}, ${number(cut.information)} nats`]);
  const limit: [string, string][] = group.limit === null ? [] : [["cut below", `q ${number(group.limit)}`]];
  return facts(`${group.size} directions: ${group.reason}`, [...limit, ...tried]);
}

function outcome({ outcome: found, rows, set_aside, constant, replicate_counts }: Discovery): string {
  const what = { nothing: "Nothing has structure.", one_block: "No cut separates them: one block.", subspaces: "" }[found];
  const parts = [
    what,
    set_aside > 0 ? `${count(set_aside)} activations lay too far from all others and were set aside (${percent(set_aside / (rows + set_aside))}).` : "",
    constant > 0 ? `In ${count(constant)} directions nothing varies; they are in the last subspace.` : "",
    replicate_counts.length > 0 ? `On random halves of the activations ${listed(replicate_counts)} subspaces were found.` : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function listed(counts: number[]): string {
  return counts.length === 1 ? String(counts[0]) : `${counts.slice(0, -1).join(", ")} and ${counts.at(-1)}`;
}
