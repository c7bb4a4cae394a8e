/** Draws a pattern one pixel per entry; CSS scales the canvas up without smoothing. Opacity is the attention, colour is the theme's. */
export function drawPattern(canvas: HTMLCanvasElement, pattern: number[][]): void {
  const n = pattern.length;
  canvas.width = n;
  canvas.height = n;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const image = context.createImageData(n, n);
  const [red, green, blue] = themeColour();
  pattern.forEach((row, query) => {
    row.slice(0, n).forEach((value, key) => {
      const at = 4 * (query * n + key);
      image.data.set([red, green, blue, Math.round(255 * Math.min(1, Math.max(0, value)))], at);
    });
  });
  context.putImageData(image, 0, 0);
}

/** `--heat-rgb` of the theme in use, such as "32 82 149". */
function themeColour(): [number, number, number] {
  const parts = getComputedStyle(document.documentElement).getPropertyValue("--heat-rgb").trim().split(/\s+/).map(Number);
  return [parts[0] || 0, parts[1] || 0, parts[2] || 0];
}

/** Calls `draw` now, once the page stands, and whenever the reader's system changes between light and dark. */
export function onTheme(draw: () => void): void {
  draw();
  if (typeof matchMedia === "function") matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
