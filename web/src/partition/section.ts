import { el } from "../dom";
import { count, number, percent, words } from "../format";
import type { FoundSubspace, Report, Site } from "../report";
import { missing, section } from "../section";
import { mutualInformation } from "./mutual-information";
import { splitTree } from "./split-tree";

const LEAD =
  "Each site split into orthogonal subspaces. Variance: share of the site's total. Under a variable: share of the subspace's variance that the variable explains " +
  "(variables may overlap). Stability: overlap with what is found on halves of the activations. Kept: how much of what varies apart from the others an orthogonal " +
  "subspace can hold. Distance: mean distance to the nearest neighbour inside the subspace. Right: mutual information between subspaces, nats per dimension.";

export function partitionSection({ sites }: Report): HTMLElement {
  const title = "Partition";
  if (!sites?.length) return section("partition", title, null, missing("partition", "subspace partition MODEL --site SITE --out RUN"));
  const variables = [...new Set(sites.flatMap((site) => (site.shares ?? []).flatMap(Object.keys)))];
  const most = Math.max(...sites.flatMap((site) => (site.mutual_information ?? []).flat().map((value) => value ?? 0)));
  return section("partition", title, LEAD, ...sites.map((site) => siteCard(site, variables, most)));
}

function siteCard(site: Site, variables: string[], mostInformation: number): HTMLElement {
  return el(
    "article",
    { class: "site" },
    el("h3", {}, site.site, el("span", { class: "hook" }, site.hook)),
    el("p", { class: "hint" }, summary(site)),
    el("div", { class: "site-body" }, el("div", { class: "scroll" }, subspaceTable(site, variables)), mutualInformation(site, mostInformation)),
    site.discovery ? splitTree(site.discovery) : null,
  );
}

function summary(site: Site): string {
  return [
    `${site.sizes.length} ${site.sizes.length === 1 ? "subspace" : "subspaces"} of ${site.sizes.reduce((a, b) => a + b, 0)} dimensions`,
    site.mean_distance == null ? null : `mean distance ${number(site.mean_distance)}`,
    site.strategy == null ? null : `strategy ${site.strategy}`,
    !site.steps ? null : `${count(site.steps)} steps`,
    site.activations == null ? null : `${count(site.activations)} activations`,
  ].filter((part) => part !== null).join(" · ");
}

function subspaceTable(site: Site, variables: string[]): HTMLElement {
  const dimensions = site.sizes.reduce((a, b) => a + b, 0);
  const variance = site.variance?.reduce((a, b) => a + b, 0) ?? 0;
  const found = site.discovery?.subspaces;
  const headings = ["subspace", "dimensions", "variance", ...(found ? ["stability", "kept"] : []), "distance", ...variables.map(words)];
  const rows = site.sizes.map((size, i) => {
    const part = site.variance?.[i];
    const label = site.labels?.[i];
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, el("span", { class: "muted" }, `/${i}`), label ? ` ${words(label)}` : ""),
      barCell(size / dimensions, String(size), "size"),
      barCell(part == null ? null : part / variance, part == null ? "–" : percent(part / variance), "variance"),
      ...(found ? stability(found[i]) : []),
      el("td", { class: "number" }, number(site.distances?.[i])),
      ...variables.map((variable) => {
        const share = site.shares?.[i]?.[variable];
        return barCell(share ?? null, percent(share), "explained");
      }),
    );
  });
  return el(
    "table",
    { class: "subspaces" },
    el("thead", {}, el("tr", {}, ...headings.map((name) => el("th", { scope: "col", class: name === "distance" ? "number" : null }, name)))),
    el("tbody", {}, ...rows),
  );
}

/** How often a subspace is found again, and how much of it an orthogonal subspace can hold. */
function stability(found: FoundSubspace | undefined): HTMLElement[] {
  const verdict = found?.verdict == null ? "" : ` ${words(found.verdict)}`;
  return [barCell(found?.stability ?? null, found?.is_loose ? "loose" : `${number(found?.stability)}${verdict}`, "stability"), barCell(found?.kept ?? null, percent(found?.kept), "kept")];
}

/** A number over a bar of that share of the cell. */
function barCell(share: number | null, text: string, kind: string): HTMLElement {
  const width = Math.min(1, Math.max(0, share ?? 0));
  return el("td", { class: "bar" }, el("span", {}, text), el("i", { class: kind, style: `width:${(100 * width).toFixed(1)}%` }));
}
