/** About five round numbers from `from` to at least `to`: steps of 1, 2 or 5 times a power of ten. */
export function ticks(from: number, to: number): number[] {
  const rough = Math.max(1, to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!);
  const values = [from];
  while (values.at(-1)! < to) values.push(values.at(-1)! + step);
  return values;
}
