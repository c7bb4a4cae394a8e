import { words } from "../format";
import type { CircuitNode } from "../report";

export interface Line {
  text: string;
  muted: boolean;
}

const LINE = 13;
const CHARACTER = 6;

/** What is written on a node, as many lines as fit: the label, then which subspace it is and its dimension. */
export function barText(node: CircuitNode, width: number, height: number): Line[] {
  const characters = Math.floor((width - 4) / CHARACTER);
  if (node.kind !== "subspace") return [{ text: shorten(node.id, characters), muted: false }];

  const index = node.id.slice(node.id.lastIndexOf("/"));
  const room = Math.max(1, Math.floor((height - 2) / LINE));
  const label = node.label === null ? [] : wrap(words(node.label), characters);
  const size: Line = { text: dimension(index, node.size, characters), muted: label.length > 0 };
  if (label.length === 0) return [size];

  const labelRoom = room > label.length ? label.length : Math.max(1, room - (room > 1 ? 1 : 0));
  const lines = label.length <= labelRoom ? label : [...label.slice(0, labelRoom - 1), shorten(label.slice(labelRoom - 1).join(" "), characters)];
  const written: Line[] = lines.map((text) => ({ text, muted: false }));
  return room > written.length ? [...written, size] : written;
}

/** "/1 · 24d", closer together or without the dimension where that does not fit. */
function dimension(index: string, size: number | null, characters: number): string {
  if (size === null) return index;
  return [`${index} · ${size}d`, `${index}·${size}d`].find((text) => text.length <= characters) ?? index;
}

function wrap(text: string, characters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= characters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => shorten(line, characters));
}

function shorten(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, Math.max(1, characters - 1))}…`;
}
