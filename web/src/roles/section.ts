import { el } from "../dom";
import { number, percent } from "../format";
import type { Direction, HeadRoles, Report, Roles } from "../report";
import { section } from "../section";

/** What the weights say that heads and subspaces do; left out where a run has none. */
export function rolesSection({ roles }: Report): HTMLElement | null {
  if (!roles) return null;
  const lead =
    "From weights and partitions alone. A role has the share of queries (or tokens) for which it holds, by how many logits it leads, and what chance gives. " +
    "Gini: how few pairs of subspaces hold a head's energy; z against random subspaces of the same sizes.";
  return section("roles", "Roles", lead, el("div", { class: "validation" }, headTable(roles.heads), ...pairs(roles), endsTable(roles)));
}

function headTable(heads: HeadRoles[]): HTMLElement {
  const words = ({ roles }: HeadRoles) =>
    roles.map((role) => `${role.name} (${percent(role.share)}, lead ${number(role.lead)}, chance ${percent(role.null)}; ${role.from} → ${role.to})`).join("; ") || "none found";
  return table("Heads", ["head", "role", "QK Gini", "in random", "z", "OV Gini", "in random", "z"], heads.map((head) => [
    head.head, words(head),
    ...[head.qk, head.ov].flatMap(({ gini, in_random, z }) => [number(gini), number(in_random), number(z)]),
  ]));
}

function pairs({ pairs }: Roles): HTMLElement[] {
  return pairs.length ? [table("Heads that are alike or opposed", ["heads", "what they are"], pairs.map(({ first, second, words }) => [`${first}, ${second}`, words]))] : [];
}

function endsTable({ subspaces }: Roles): HTMLElement {
  const ends = (share: number, directions: Direction[]) => {
    const first = directions[0];
    return first ? `${percent(share)}: ${first.low.slice(0, 3).join(" ")} … ${first.high.slice(0, 3).join(" ")}` : percent(share);
  };
  return table("Subspaces by the ends of the stream: share of the energy, tokens at the ends of the first direction", ["subspace", "embedding", "unembedding"],
    subspaces.map((subspace) => [subspace.id, ends(subspace.embedding_share, subspace.embedding), ends(subspace.unembedding_share, subspace.unembedding)]));
}

function table(caption: string, headings: string[], rows: string[][]): HTMLElement {
  return el("div", { class: "scroll" }, el(
    "table",
    { class: "fit" },
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, ...headings.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...rows.map(([first, ...others]) => el("tr", {}, el("th", { scope: "row" }, first ?? ""), ...others.map((text) => el("td", {}, text))))),
  ));
}
