import type { Report } from "../src/report";
import attentionOnlyJson from "./fixture-attention-only.json";
import fullJson from "./fixture.json";
import partialJson from "./fixture-partial.json";

export const full = fullJson as unknown as Report;
export const attentionOnly = attentionOnlyJson as unknown as Report;
export const partial = partialJson as unknown as Report;
export const circuits = [full.circuit!, attentionOnly.circuit!];
