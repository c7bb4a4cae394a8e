import { el } from "./dom";

/** Offers text as a file, without a server. */
export function download(name: string, type: string, text: string): void {
  el("a", { href: `data:${type};charset=utf-8,${encodeURIComponent(text)}`, download: name }).click();
}

/** Puts text on the clipboard; false where the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
