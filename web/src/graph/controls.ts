import { checkbox, el, svg } from "../dom";
import { count, percent } from "../format";
import { type CircuitEdge, type EdgeKind } from "../report";
import { KINDS } from "./kinds";
import { countsByKind, DEFAULT_SELECTION, isSelected, type Selection, shareAt } from "./selection";

/** Slider, toggles and legend in one; `changed` gets every new selection. */
export function graphControls(edges: CircuitEdge[], changed: (selection: Selection) => void): HTMLElement {
  let selection = DEFAULT_SELECTION;
  const total = el("output", { class: "count", "aria-live": "polite" });
  const share = el("output", { class: "share" });
  const slider = el("input", { type: "range", min: 0, max: 100, step: 1, value: 0, "aria-label": "variance share at least" });
  const kinds = new Map<EdgeKind, HTMLElement>();

  const update = (change: Partial<Selection>) => {
    selection = { ...selection, ...change };
    total.textContent = `${count(edges.filter((edge) => isSelected(edge, selection)).length)} of ${count(edges.length)} edges`;
    share.textContent = selection.minVarianceShare === 0 ? "0%" : percent(selection.minVarianceShare);
    for (const [kind, { shown, of }] of countsByKind(edges, selection)) kinds.get(kind)!.textContent = `${count(shown)}/${count(of)}`;
    changed(selection);
  };

  const toggles = [...countsByKind(edges, selection).keys()].map((kind) => {
    const number = el("span", { class: "muted" });
    kinds.set(kind, number);
    const toggle = checkbox("", true, (on) => {
      const next = new Set(selection.kinds);
      if (on) next.add(kind);
      else next.delete(kind);
      update({ kinds: next });
    });
    toggle.title = KINDS[kind].about;
    toggle.append(swatch(kind), el("span", {}, KINDS[kind].name), number);
    return toggle;
  });
  slider.addEventListener("input", () => update({ minVarianceShare: shareAt(Number(slider.value)) }));
  const onlyCircuit = checkbox("edges of the circuit only", true, (on) => update({ inCircuitOnly: on }));

  update({});
  return el(
    "div",
    { class: "controls" },
    el("div", {}, el("label", { class: "slider" }, "variance share at least", slider, share), onlyCircuit, total),
    el("div", { class: "legend", role: "group", "aria-label": "Kinds of edges" }, ...toggles),
  );
}

function swatch(kind: EdgeKind): SVGSVGElement {
  const marks = kind === "qk"
    ? [svg("circle", { class: "mark query", cx: 4, cy: 6, r: 3.2 }), svg("circle", { class: "mark key", cx: 26, cy: 6, r: 3.2 })]
    : [];
  const line = svg("path", { class: "line", d: kind === "qk" ? "M7 6H23" : "M1 6H29", "stroke-width": 2.4, "stroke-dasharray": KINDS[kind].dash });
  return svg("svg", { class: `swatch edge kind-${kind}`, width: 30, height: 12, "aria-hidden": "true" }, line, ...marks);
}
