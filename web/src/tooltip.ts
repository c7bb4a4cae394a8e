import { el } from "./dom";

/** The one floating box of the page, beside the pointer or the focused element. */
const box = el("div", { class: "tooltip", role: "status", hidden: true });

export interface Place {
  x: number;
  y: number;
}

export function showTooltip(content: Node, at: Place): void {
  if (!box.isConnected) document.body.append(box);
  box.replaceChildren(content);
  box.hidden = false;
  const { width, height } = box.getBoundingClientRect();
  const room = { width: document.documentElement.clientWidth, height: window.innerHeight };
  const x = at.x + 14 + width > room.width ? at.x - 14 - width : at.x + 14;
  const y = at.y + 14 + height > room.height ? at.y - 14 - height : at.y + 14;
  box.style.left = `${Math.max(4, x) + window.scrollX}px`;
  box.style.top = `${Math.max(4, y) + window.scrollY}px`;
}

export function hideTooltip(): void {
  box.hidden = true;
}

/** A title over rows of names and values. */
export function facts(title: string, rows: [string, string][]): HTMLElement {
  return el(
    "div",
    {},
    el("strong", {}, title),
    el("dl", {}, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
  );
}
