import { el } from "../dom";
import { number } from "../format";
import type { Site } from "../report";
import { tone } from "../tone";

const NUMBERS_UP_TO = 12;

/** Heat map of the mutual information between the subspaces of a site; `most` is the darkest, the same for every site. */
export function mutualInformation(site: Site, most: number): HTMLElement {
  const values = site.mutual_information;
  if (!values?.length) return el("p", { class: "hint" }, "Mutual information was not measured.");
  const dense = values.length > NUMBERS_UP_TO;

  const head = el("tr", {}, el("td"), ...values.map((_, j) => el("th", { scope: "col" }, dense ? "" : `/${j}`)));
  const rows = values.map((row, i) =>
    el("tr", {}, el("th", { scope: "row" }, `/${i}`), ...row.map((value, j) => cell(value, most, `${site.site}/${i} and /${j}`, dense))),
  );
  return el("table", { class: `heat${dense ? " dense" : ""}` }, el("caption", {}, "mutual information"), el("thead", {}, head), el("tbody", {}, ...rows));
}

function cell(value: number | null, most: number, pair: string, dense: boolean): HTMLElement {
  if (value === null) return el("td", { class: "diagonal" });
  const strength = Math.round(Math.min(100, Math.max(0, (100 * value) / Math.max(most, 1e-9))));
  const text = dense ? "" : value !== 0 && Math.abs(value) < 0.0005 ? "0.000" : value.toFixed(3);
  return el("td", { "data-tone": tone(strength / 100), style: `--strength:${strength}%`, title: `${pair}: ${number(value)} nats per dimension` }, text);
}
