/** How attention becomes opacity: as it is, or its square root, which shows what is spread thin. */
export type Scale = "linear" | "sqrt";

export function strength(attention: number, scale: Scale = "linear"): number {
  const value = Math.min(1, Math.max(0, attention));
  return scale === "sqrt" ? Math.sqrt(value) : value;
}

export interface Drawing {
  scale?: Scale;
  /** Pixels a side at most: of several entries on one pixel the greatest shows, so that thin lines stay. */
  most?: number;
  colour?: [number, number, number];
}

/** Draws a pattern one pixel per entry; CSS scales the canvas up without smoothing. Opacity is the attention, colour is the theme's. */
export function drawPattern(canvas: HTMLCanvasElement, n: number, at: (query: number, key: number) => number, drawing: Drawing = {}): void {
  const side = Math.max(1, Math.min(n, drawing.most ?? n));
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const image = context.createImageData(side, side);
  const [red, green, blue] = drawing.colour ?? themeColour("--heat-rgb");
  for (let query = 0; query < n; query++) {
    const row = Math.floor((query * side) / n) * side;
    for (let key = 0; key <= query; key++) {
      const pixel = 4 * (row + Math.floor((key * side) / n));
      const opacity = Math.round(255 * strength(at(query, key), drawing.scale));
      if (opacity <= image.data[pixel + 3]!) continue;
      image.data[pixel] = red;
      image.data[pixel + 1] = green;
      image.data[pixel + 2] = blue;
      image.data[pixel + 3] = opacity;
    }
  }
  context.putImageData(image, 0, 0);
}

/** A colour of the theme in use that is written as "32 82 149". */
export function themeColour(name: string): [number, number, number] {
  const parts = getComputedStyle(document.documentElement).getPropertyValue(name).trim().split(/\s+/).map(Number);
  return [parts[0] || 0, parts[1] || 0, parts[2] || 0];
}

/** Calls `draw` now, once the page stands, and whenever the reader's system changes between light and dark. */
export function onTheme(draw: () => void): void {
  draw();
  if (typeof matchMedia === "function") matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
