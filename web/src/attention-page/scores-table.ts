import { greatestNull, nulls, nullsText, redundancy, scoreNames, scoreOf } from "../attention/scores";
import { button, el } from "../dom";
import { percent, words } from "../format";
import type { HeadScores } from "../report";

export interface ScoresTable {
  element: HTMLElement;
  choose: (head: string) => void;
}

/** Heads with their scores and, small, what each score is where it should mean nothing. Headings sort, a row chooses its head. */
export function scoresTable(heads: HeadScores[], chosen: (head: string) => void): ScoresTable {
  const names = scoreNames(heads);
  const columns = ["head", ...names, ...(heads.some(redundancy) ? ["redundancy"] : [])];
  const rows = heads.map((head) => {
    const element = el("tr", {}, ...columns.map((name) => cell(head, name, names, chosen)));
    element.addEventListener("click", () => chosen(head.head));
    return { head, element };
  });
  const body = el("tbody", {}, ...rows.map(({ element }) => element));

  let sorted = "head";
  let isDescending = false;
  const headings = columns.map((name) => {
    const isNumber = names.includes(name);
    const sort = button(words(name), () => {
      isDescending = sorted === name ? !isDescending : isNumber;
      sorted = name;
      order();
    });
    return el("th", { scope: "col", class: isNumber ? "number" : null }, sort);
  });
  const order = () => {
    const sign = isDescending ? -1 : 1;
    const compare = (a: HeadScores, b: HeadScores) =>
      names.includes(sorted)
        ? sign * ((scoreOf(a, sorted) ?? -1) - (scoreOf(b, sorted) ?? -1))
        : sign * text(a, sorted).localeCompare(text(b, sorted), "en", { numeric: true });
    body.replaceChildren(...[...rows].sort((a, b) => compare(a.head, b.head)).map(({ element }) => element));
    headings.forEach((heading, i) => heading.setAttribute("aria-sort", columns[i] === sorted ? (isDescending ? "descending" : "ascending") : "none"));
  };
  order();

  const grey = nullsText(heads);
  const caption = `Share of attention, mean over samples of the task.${grey === "" ? "" : ` Grey: the same ${grey}.`}`;
  return {
    element: el("div", { class: "scroll" }, el("table", { class: "edges fit scores" }, el("caption", {}, caption), el("thead", {}, el("tr", {}, ...headings)), body)),
    choose: (name) => rows.forEach(({ head, element }) => element.classList.toggle("chosen", head.head === name)),
  };
}

/** What a column of words is sorted by. */
const text = (head: HeadScores, column: string): string => (column === "head" ? head.head : redundancy(head)?.verdict ?? "");

function cell(head: HeadScores, column: string, scores: string[], chosen: (head: string) => void): HTMLElement {
  if (scores.includes(column)) return scoreCell(head, column);
  return column === "head" ? el("th", { scope: "row" }, button(head.head, () => chosen(head.head))) : redundancyCell(head);
}

function scoreCell(head: HeadScores, name: string): HTMLElement {
  const value = scoreOf(head, name);
  const least = greatestNull(head, name);
  const title = nulls(head, name).map(([kind, score]) => `${kind} ${percent(score)}`).join(", ");
  return el("td", { class: `number${value !== null && value >= 0.5 ? " high" : ""}`, title: title || null }, percent(value), least === null ? null : el("small", { class: "null" }, percent(least)));
}

function redundancyCell(head: HeadScores): HTMLElement {
  const said = redundancy(head);
  return el("td", { class: "redundancy" }, said?.verdict ?? "–", said?.text ? el("small", {}, said.text) : null);
}
