type Attributes = Record<string, string | number | boolean | null | undefined>;
type Child = Node | string | null;

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. Strings become text nodes, never markup: this is what keeps every token and label harmless. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** A checkbox with its label; `changed` gets the new state. */
export function checkbox(text: string, checked: boolean, changed: (on: boolean) => void): HTMLLabelElement {
  const input = el("input", { type: "checkbox", checked });
  input.addEventListener("change", () => changed(input.checked));
  return el("label", { class: "check" }, input, text);
}

/** A plain button. */
export function button(text: string, clicked: () => void): HTMLButtonElement {
  const element = el("button", { type: "button" }, text);
  element.addEventListener("click", clicked);
  return element;
}
