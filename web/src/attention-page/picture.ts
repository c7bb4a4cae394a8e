import { drawPattern, type Scale } from "../attention/heat-map";
import { telling } from "../attention/scores";
import { el } from "../dom";
import { percent, tokenText, words } from "../format";
import { type AttentionPage, headName, type Prompt } from "./document";
import { cut, labelStep } from "./map";
import type { Triangle } from "./triangle";

/** Pictures are for papers and slides: always on white, whatever the theme. */
const INK = "#1b1f24";
const RULE = "#c4cad1";
const HEAT: [number, number, number] = [32, 82, 154];
const LARGEST = 4000;
const FONT = "system-ui, -apple-system, 'Segoe UI', Arial, 'Liberation Sans', sans-serif";

/** One head with its tokens along both sides. */
export function headPicture(page: AttentionPage, prompt: Prompt, head: string, pattern: Triangle, scale: Scale): HTMLCanvasElement {
  const n = prompt.tokens.length;
  const cell = Math.max(1, Math.min(48, Math.floor(1000 / n)));
  const [left, top, side] = [150, 104, cell * n];
  const { canvas, context } = blank(Math.max(left + side + 40, 640), top + side + 150);
  if (context === null) return canvas;
  write(context, title(page, head), 32, 36, 26, 600, canvas.width - 64);
  write(context, `${prompt.name} · query ↓ key →${scaleNote(scale)}`, 32, 72, 20, 400, canvas.width - 64);
  tile(context, pattern, left, top, side, scale);
  const size = Math.max(14, Math.min(20, cell - 1));
  const step = labelStep(cell, size + 1);
  prompt.tokens.forEach((token, i) => {
    if (i % step !== 0) return;
    context.font = `${size}px ${FONT}`;
    context.textAlign = "right";
    const text = cut(tokenText(token));
    context.fillText(text, left - 10, top + (i + 0.5) * cell, 120);
    context.save();
    context.translate(left + (i + 0.5) * cell, top + side + 10);
    context.rotate(-Math.PI / 2);
    context.fillText(text, 0, 0, 120);
    context.restore();
  });
  return canvas;
}

/** All heads, a row for each layer. */
export function gridPicture(page: AttentionPage, prompt: Prompt, patternOf: (head: string) => Triangle, scale: Scale): HTMLCanvasElement {
  const layers = [...new Set(prompt.patterns.map(({ layer }) => layer))].sort((a, b) => a - b);
  const heads = [...new Set(prompt.patterns.map(({ head }) => head))].sort((a, b) => a - b);
  const side = Math.max(24, Math.min(260, Math.floor(LARGEST / Math.max(heads.length, layers.length)) - 50));
  const [stepX, stepY, top] = [side + 20, side + 50, 100];
  const { canvas, context } = blank(Math.max(640, 64 + heads.length * stepX), top + layers.length * stepY + 16);
  if (context === null) return canvas;
  write(context, title(page, null), 32, 36, 26, 600, canvas.width - 64);
  write(context, `${prompt.name}${scaleNote(scale)}`, 32, 70, 20, 400, canvas.width - 64);
  for (const pattern of prompt.patterns) {
    const name = headName(pattern);
    const [x, y] = [32 + heads.indexOf(pattern.head) * stepX, top + layers.indexOf(pattern.layer) * stepY];
    write(context, `${name}${scoreText(page, name)}`, x, y + 10, 17, 400, side);
    tile(context, patternOf(name), x, y + 26, side, scale);
  }
  return canvas;
}

/** Offers a picture as a PNG file. */
export function save(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((blob) => {
    if (blob === null) return;
    const href = URL.createObjectURL(blob);
    el("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  }, "image/png");
}

function title(page: AttentionPage, head: string | null): string {
  return [page.title, page.task, head === null ? null : `${head}${scoreText(page, head)}`].filter(Boolean).join(" · ");
}

function scoreText(page: AttentionPage, name: string): string {
  const scores = page.heads?.find(({ head }) => head === name);
  const most = scores ? telling(scores) : null;
  return most === null ? "" : `  ${words(most.name)} ${percent(most.value)}`;
}

const scaleNote = (scale: Scale) => (scale === "sqrt" ? " · square root of attention" : "");

function blank(width: number, height: number): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D | null } {
  const canvas = el("canvas", { width, height });
  const context = canvas.getContext("2d");
  if (context !== null) {
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, width, height);
    context.textBaseline = "middle";
    context.imageSmoothingEnabled = false;
  }
  return { canvas, context };
}

function write(context: CanvasRenderingContext2D, text: string, x: number, y: number, size: number, weight: number, width: number): void {
  context.fillStyle = INK;
  context.textAlign = "left";
  context.font = `${weight} ${size}px ${FONT}`;
  context.fillText(text, x, y, width);
}

function tile(context: CanvasRenderingContext2D, pattern: Triangle, x: number, y: number, side: number, scale: Scale): void {
  const small = el("canvas");
  drawPattern(small, pattern.size, (query, key) => pattern.at(query, key), { scale, most: side, colour: HEAT });
  context.drawImage(small, x, y, side, side);
  context.strokeStyle = RULE;
  context.strokeRect(x - 0.5, y - 0.5, side + 1, side + 1);
}
