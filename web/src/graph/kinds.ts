import type { EdgeKind } from "../report";

/** How each kind of edge is named and told apart without colour; its colour is the CSS variable `--edge-<kind>`. */
export const KINDS: Record<EdgeKind, { name: string; dash: string | null; about: string }> = {
  embed: { name: "Embedding", dash: "2 3", about: "token embedding written into a subspace" },
  pos: { name: "Position", dash: "2 3", about: "position embedding written into a subspace" },
  qk: { name: "QK", dash: "4 1.5", about: "a query subspace matched with a key subspace by a head" },
  ov: { name: "OV", dash: null, about: "what a head moves from a subspace into a subspace" },
  mlp: { name: "MLP", dash: "9 3", about: "what an MLP computes from a subspace into a subspace" },
  passthrough: { name: "Passthrough", dash: null, about: "what the residual stream carries on" },
  unembed: { name: "Unembedding", dash: "9 3 2 3", about: "subspace read out as logits" },
};
