import { el } from "../dom";

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Shading {
  canvas: HTMLCanvasElement;
  /** Shades elements anew; a colour of null leaves one as it is. */
  paint: (colours: (string | null)[]) => void;
  /** Other elements, or the same in another place. */
  place: (elements: HTMLElement[]) => void;
}

/**
 * Shades that lie behind elements, on one canvas. Giving hundreds of elements a background takes the browser longer than a frame to style;
 * drawing as many rectangles does not.
 */
export function shading(host: HTMLElement): Shading {
  const canvas = el("canvas", { class: "shades", "aria-hidden": "true" });
  let elements: HTMLElement[] = [];
  let boxes: Box[] = [];
  let last: (string | null)[] = [];
  let density = 1;

  const measure = () => {
    density = window.devicePixelRatio || 1;
    boxes = elements.map((element) => ({ x: element.offsetLeft, y: element.offsetTop, width: element.offsetWidth, height: element.offsetHeight }));
    canvas.width = Math.ceil(host.clientWidth * density);
    canvas.height = Math.ceil(host.clientHeight * density);
    canvas.style.width = `${canvas.width / density}px`;
    canvas.style.height = `${canvas.height / density}px`;
  };
  const paint = (colours: (string | null)[]) => {
    last = colours;
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, host.clientWidth, host.clientHeight);
    boxes.forEach(({ x, y, width, height }, i) => {
      const colour = colours[i];
      if (!colour) return;
      context.fillStyle = colour;
      context.beginPath();
      context.roundRect(x, y, width, height, 4);
      context.fill();
    });
  };
  if (typeof ResizeObserver === "function") {
    new ResizeObserver(() => {
      measure();
      paint(last);
    }).observe(host);
  }
  return {
    canvas,
    paint,
    place: (next) => {
      elements = next;
      measure();
    },
  };
}
