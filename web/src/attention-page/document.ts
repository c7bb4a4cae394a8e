import type { HeadScores, Model } from "../report";

/** The document the page shows: schema "subspace-circuits/attention-page/1", written by the C# side in snake_case. */
export interface AttentionPage {
  schema: string;
  title: string;
  model: Model;
  task: string | null;
  version?: string | null;
  /** Empty where no task is known. */
  heads?: HeadScores[] | null;
  prompts: Prompt[];
}

export interface Prompt {
  name: string;
  tokens: string[];
  supervised: boolean[];
  /** A token; in tasks scored by sets all that may come next: "{a b}". */
  predicted: string[];
  /** Null where nothing is scored. */
  right: (boolean | null)[];
  patterns: PackedPattern[];
}

/** `data`: see `Triangle`. */
export interface PackedPattern {
  layer: number;
  head: number;
  data: string;
}

export const headName = ({ layer, head }: { layer: number; head: number }): string => `a${layer}.${head}`;
