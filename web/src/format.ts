const NONE = "–";

type Value = number | null | undefined;

/** 0.98 -> "98.0%". Never rounds up to 100% nor down to 0%. */
export function percent(value: Value): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  if (value === 0) return "0%";
  if (value === 1) return "100%";
  const size = Math.abs(value);
  if (size < 0.0001) return value < 0 ? "−<0.01%" : "<0.01%";
  if (size > 0.9995 && size < 1) return value < 0 ? "<−99.9%" : ">99.9%";
  return minus((100 * value).toFixed(size < 0.001 ? 3 : size < 0.1 ? 2 : 1)) + "%";
}

/** Three significant digits; powers of ten only outside 0.001 ... 1,000,000. */
export function number(value: Value): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 0.001 || size >= 1e6) return minus(value.toExponential(1));
  if (size >= 1000) return count(Math.round(value));
  return minus(value.toPrecision(3));
}

/** 67000 -> "67,000". */
export function count(value: Value): string {
  return value === null || value === undefined ? NONE : minus(value.toLocaleString("en-US"));
}

/** "previous_token" -> "previous token". */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

const INVISIBLE: Record<string, string> = { " ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍" };

/** A token with its whitespace made visible: " the" -> "␣the". */
export function tokenText(token: string): string {
  return token === "" ? "∅" : token.replace(/[ \n\t\r]/g, (character) => INVISIBLE[character] ?? character);
}

/** A duration: "63 s", "4 min 10 s". */
export function duration(seconds: Value): string {
  if (seconds === null || seconds === undefined) return NONE;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function minus(text: string): string {
  return text.replace("-", "−");
}
