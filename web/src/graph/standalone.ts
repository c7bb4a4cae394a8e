const PROPERTIES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline"];

/** A standalone copy of a drawing: every style that the page's CSS gives it is written onto its elements. */
export function standaloneSvg(drawing: SVGSVGElement): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = drawing.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const computed = getComputedStyle(originals[i]!);
    const style = PROPERTIES.map((name) => `${name}:${computed.getPropertyValue(name)}`).join(";");
    element.setAttribute("style", style);
  });
  for (const unseen of copy.querySelectorAll(".hit, [hidden]")) unseen.remove();
  return new XMLSerializer().serializeToString(copy);
}
