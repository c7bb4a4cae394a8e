import type { AttentionPage } from "../src/attention-page/document";
import type { Report } from "../src/report";
import attentionPageJson from "./fixture-attention-page.json";
import attentionOnlyJson from "./fixture-attention-only.json";
import fullJson from "./fixture.json";
import partialJson from "./fixture-partial.json";

export const full = fullJson as unknown as Report;
export const attentionOnly = attentionOnlyJson as unknown as Report;
export const partial = partialJson as unknown as Report;
export const circuits = [full.circuit!, attentionOnly.circuit!];
export const attentionPage = attentionPageJson as unknown as AttentionPage;
