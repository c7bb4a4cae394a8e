/** The document the page shows: schema "subspace-circuits/report/1", written by the C# side in snake_case. */
export interface Report {
  schema: string;
  title: string;
  model: Model;
  task: string | null;
  accuracy?: AccuracyRange[] | null;
  run: { version: string; seed: number; command: string; seconds: number | null };
  sites?: Site[] | null;
  example?: Example | null;
  heads?: HeadScores[] | null;
  circuit?: Circuit | null;
  roles?: Roles | null;
  validation?: Validation | null;
  notes?: string[] | null;
}

/** What heads and subspaces do, from weights and partitions alone. */
export interface Roles {
  heads: HeadRoles[];
  pairs: { first: string; second: string; verdict: string; words: string }[];
  subspaces: { id: string; embedding_share: number; embedding: Direction[]; unembedding_share: number; unembedding: Direction[] }[];
}

export interface HeadRoles {
  head: string;
  roles: { name: string; share: number; lead: number; null: number; from: string; to: string }[];
  qk: Concentration;
  ov: Concentration;
}

/** Gini coefficient of the energies over pairs of subspaces, beside random partitions of the same sizes. */
export interface Concentration {
  gini: number;
  in_random: number;
  z: number;
}

/** Tokens at both ends of a direction. */
export interface Direction {
  share: number;
  low: string[];
  high: string[];
}

export interface Model {
  name: string;
  n_layers: number;
  n_heads: number;
  d_model: number;
  d_head: number;
  d_mlp: number | null;
  d_vocab: number;
  n_ctx: number;
  attn_only: boolean;
  normalization: string;
  hash: string;
}

export interface AccuracyRange {
  from: number;
  to: number;
  samples: number;
  accuracy: number;
}

export interface Site {
  site: string;
  hook: string;
  sizes: number[];
  variance?: number[] | null;
  mean_distance?: number | null;
  distances?: number[] | null;
  mutual_information?: (number | null)[][] | null;
  shares?: Record<string, number>[] | null;
  labels?: (string | null)[] | null;
  strategy?: string | null;
  steps?: number | null;
  activations?: number | null;
  /** Where the number of subspaces was found. */
  discovery?: Discovery | null;
}

export interface Discovery {
  outcome: "nothing" | "one_block" | "subspaces";
  rows: number;
  set_aside: number;
  constant: number;
  subspaces: FoundSubspace[];
  replicate_counts: number[];
  tree: SplitNode;
}

export interface FoundSubspace {
  is_loose: boolean;
  cohesion: number | null;
  kept: number;
  stability: number | null;
  verdict: "stable" | "borderline" | "not_separable" | null;
}

/** `share` is q of the best cut, which is made when it lies below `limit`. */
export interface SplitNode {
  size: number;
  is_loose: boolean;
  verdict: "whole" | "split";
  reason: string;
  share: number | null;
  limit: number | null;
  tried: { proposal: string; sizes: number[]; share: number; information: number }[];
  children: SplitNode[];
}

export interface Example {
  tokens: string[];
  supervised?: boolean[] | null;
  predicted?: (string | null)[] | null;
  patterns: Pattern[];
}

/** `pattern[query][key]`, rows add up to 1, causal: keys after the query may be missing or 0. */
export interface Pattern {
  layer: number;
  head: number;
  pattern: number[][];
}

/**
 * Besides `layer`, every number is a score of what the head attends to, such as `previous_token`; `shuffled` and `uniform` hold the same
 * scores on shuffled sequences and of uniform attention, `redundancy` says whether the head is needed: `verdict` in a word, `text` in a
 * sentence.
 */
export interface HeadScores {
  head: string;
  layer: number;
  [score: string]: string | number | null | undefined | Record<string, string | number | null>;
}

export interface Circuit {
  schema: string;
  coverage: number | null;
  nodes: CircuitNode[];
  edges: CircuitEdge[];
}

export type NodeKind = "subspace" | "head" | "mlp" | "embed" | "pos" | "logits" | "const";

export interface CircuitNode {
  id: string;
  kind: NodeKind;
  site: string | null;
  layer: number | null;
  size: number | null;
  label: string | null;
  in_circuit: boolean;
}

export const EDGE_KINDS = ["embed", "pos", "qk", "ov", "mlp", "passthrough", "unembed"] as const;
export type EdgeKind = (typeof EDGE_KINDS)[number];

/** A QK edge has `query`, `key` and `via`; every other edge has `from` and `to`. */
export interface CircuitEdge {
  kind: EdgeKind;
  via: string | null;
  from: string | null;
  to: string | null;
  query: string | null;
  key: string | null;
  scores: Partial<Record<ScoreName, number | null>>;
  in_circuit: boolean;
}

export const SCORE_NAMES = ["energy", "energy_share", "z", "variance", "variance_share", "nats", "effect"] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];

export interface Validation {
  ablation: string;
  samples: number;
  match_accuracy: number | null;
  /** Share of supervised positions with the whole model's answer. */
  position_match?: number | null;
  task_accuracy: number | null;
  kl: number | null;
  edges: number;
  of: number;
  component_edges?: number | null;
  component_of?: number | null;
  model_task_accuracy?: number | null;
  controls?: Control[] | null;
  frontier?: FrontierPoint[] | null;
  /** Assumptions that do not hold in this model, in words. */
  broken?: string[] | null;
  selections?: Selection[] | null;
  agreement?: Agreement[] | null;
  /** Price of a constant in the place of every norm's 1/σ; null in a model without norms. */
  norms?: { of_moments: Price; constant: Price; per_class: Price; learned: Price | null; readers: { reader: string; variation: number; kl: number }[] } | null;
  mlps?: { mlp: string; targets: MlpTarget[] }[] | null;
  kl_of_sequences?: { median: number; p90: number; p99: number; worst: { tokens: string; kl: number }[] } | null;
}

export interface Price {
  kl: number;
  match_accuracy: number;
}

/** What an MLP writes into a subspace, by order. */
export interface MlpTarget {
  target: string;
  variance_share: number;
  linear: number;
  quadratic: number;
  sobol_total: number;
  sources: Record<string, number>;
}

/** One way of choosing edges, and circuits of growing size that it gives. */
export interface Selection {
  selection: string;
  stability: number | null;
  cmd: number | null;
  cpr: number | null;
  points: { at: number; edges: number; component_edges: number; match_accuracy: number; kl: number }[];
}

/** Rank correlation of scores with the effect of ablating single edges; without a kind that of all edges together. */
export interface Agreement {
  kind: EdgeKind | null;
  edges: number;
  energy: number | null;
  variance: number | null;
  nats: number | null;
}

export interface Control {
  name: string;
  match_accuracy: number | null;
  /** Share of supervised positions with the whole model's answer. */
  position_match?: number | null;
  task_accuracy: number | null;
  kl: number | null;
  edges: number | null;
}

export interface FrontierPoint {
  coverage: number;
  edges: number;
  match_accuracy: number;
  task_accuracy?: number | null;
  kl?: number | null;
}
