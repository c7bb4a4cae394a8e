// Writes test/fixture*.json: made-up but consistent pages in the shape of real ones. `node scripts/make-fixtures.mjs`
import { writeFileSync } from "node:fs";

let state = 7;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
const round = (value) => Number(value.toPrecision(4));

const SCORES = (share, energy, scale) => ({
  energy: round(energy * 40), energy_share: round(energy), variance: round(share * scale), variance_share: round(share),
});

function circuit(sites, components, kept) {
  const nodes = [
    { id: "embed", kind: "embed", site: null, layer: null, size: null, label: null, in_circuit: true },
    { id: "pos", kind: "pos", site: null, layer: null, size: null, label: null, in_circuit: true },
    ...sites.flatMap(({ site, sizes, labels }) => sizes.map((size, i) => ({
      id: `${site}/${i}`, kind: "subspace", site, layer: Number(site[1]), size, label: labels[i], in_circuit: true,
    }))),
    ...components.map(({ id, kind, layer }) => ({ id, kind, site: null, layer, size: null, label: null, in_circuit: id !== "m1" })),
    { id: "logits", kind: "logits", site: null, layer: null, size: null, label: null, in_circuit: true },
  ];
  const edges = [];
  const add = (edge, scale) => {
    const name = [edge.kind, edge.via, edge.from ?? edge.query, edge.to ?? edge.key].join(" ");
    const share = kept[name];
    const noise = 0.002 + 0.03 * random() ** 3;
    edges.push({
      kind: edge.kind, via: edge.via ?? null, from: edge.from ?? null, to: edge.to ?? null, query: edge.query ?? null, key: edge.key ?? null,
      scores: SCORES(share ?? noise, (share ?? noise) * (0.6 + 0.4 * random()), scale), in_circuit: share !== undefined,
    });
    delete kept[name];
  };
  const ids = ({ site, sizes }) => sizes.map((_, i) => `${site}/${i}`);
  const pairs = (a, b) => a.flatMap((from) => b.map((to) => [from, to]));
  for (const to of ids(sites[0])) for (const kind of ["embed", "pos"]) add({ kind, from: kind, to }, 4);
  components.forEach(({ id, kind }, i) => {
    const stage = i;
    const [read, write] = [ids(sites[stage]), ids(sites[stage + 1])];
    if (kind === "head") for (const [query, key] of pairs([...read, "const"], read)) add({ kind: "qk", via: id, query, key }, 23);
    for (const [from, to] of pairs(read, write)) add({ kind: kind === "head" ? "ov" : "mlp", via: id, from, to }, 6);
    for (const [from, to] of pairs(read, write)) add({ kind: "passthrough", from, to }, 6);
  });
  for (const from of ids(sites.at(-1))) add({ kind: "unembed", from, to: "logits" }, 90);
  const left = Object.keys(kept);
  if (left.length > 0) throw new Error(`No such edges: ${left}`);
  for (const node of nodes) {
    if (node.kind === "subspace") node.in_circuit = edges.some((edge) => edge.in_circuit && [edge.from, edge.to, edge.query, edge.key].includes(node.id));
  }
  return { schema: "subspace-circuits/circuit/1", coverage: 0.9, nodes, edges };
}

function site(name, hook, sizes, labels, shares, strategy = "merge") {
  const information = sizes.map((_, i) => sizes.map((_, j) => (i === j ? null : round(0.004 + 0.04 * random() ** 2))));
  sizes.forEach((_, i) => sizes.forEach((_, j) => { if (j < i) information[i][j] = information[j][i]; }));
  const distances = sizes.map(() => round(0.04 + 0.12 * random()));
  return {
    site: name, hook, sizes, variance: sizes.map((size, i) => round((i === sizes.length - 1 ? 0.004 : 0.05) * size * (0.8 + random()))),
    mean_distance: round(distances.reduce((a, b) => a + b, 0) / sizes.length), distances, mutual_information: information,
    shares, labels, strategy, steps: 2000, activations: 67000,
  };
}

const share = (token, previous, position) => ({ token, previous_token: previous, position });

function example(sequence, layers, heads) {
  const tokens = ["<bos>", ...sequence, "<sep>", ...sequence];
  const n = tokens.length;
  const copyStart = sequence.length + 1;
  const attend = (layer) => tokens.map((_, q) => {
    const weights = tokens.map((_, k) => (k > q ? 0 : 0.004 + 0.004 * random()));
    const target = layer === 0 ? Math.max(0, q - 1) : q >= copyStart ? q - copyStart + 1 : 0;
    weights[target] += 1;
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => round(weight / sum));
  });
  return {
    tokens,
    supervised: tokens.map((_, i) => i >= copyStart && i < n),
    predicted: tokens.map((_, i) => (i < copyStart ? "0" : tokens[i + 1] ?? "<eos>")),
    patterns: Array.from({ length: layers * heads }, (_, i) => ({ layer: Math.floor(i / heads), head: i % heads, pattern: attend(Math.floor(i / heads)) })),
  };
}

const SEQUENCE = "12 40 7 33 21 5 48 19 2 27".split(" ");
const headScores = (head, layer, previous, induction) => ({
  head, layer, previous_token: previous, induction, same_token: 0.002, first_position: round(1 - previous - induction - 0.01),
});

const sites = [
  site("x0.pre", "blocks.0.hook_resid_pre", [24, 16, 24], ["token", "position", "rest"], [share(0.991, 0.004, 0.002), share(0.003, 0.001, 0.994), share(0.31, 0.02, 0.22)]),
  site("x0.mid", "blocks.0.hook_resid_mid", [20, 24, 20], ["token", "previous_token", "position"], [share(0.982, 0.006, 0.003), share(0.011, 0.957, 0.004), share(0.004, 0.01, 0.962)]),
  site("x0.post", "blocks.0.hook_resid_post", [28, 24, 12], ["token", "previous_token", "position"], [share(0.977, 0.009, 0.001), share(0.014, 0.948, 0.005), share(0.02, 0.04, 0.871)]),
  site("x1.mid", "blocks.1.hook_resid_mid", [24, 16, 24], ["token", "previous_token", "answer"], [{ ...share(0.942, 0.02, 0.001), answer: 0.03 }, { ...share(0.03, 0.881, 0.01), answer: 0.01 }, { ...share(0.021, 0.004, 0.002), answer: 0.964 }]),
  site("x1.post", "blocks.1.hook_resid_post", [24, 10, 30], ["token", "previous_token", "answer"], [{ ...share(0.93, 0.01, 0.002), answer: 0.04 }, { ...share(0.06, 0.72, 0.04), answer: 0.02 }, { ...share(0.012, 0.003, 0.001), answer: 0.981 }]),
];

const full = circuit(sites, [
  { id: "a0.0", kind: "head", layer: 0 }, { id: "m0", kind: "mlp", layer: 0 }, { id: "a1.0", kind: "head", layer: 1 }, { id: "m1", kind: "mlp", layer: 1 },
], {
  "embed  embed x0.pre/0": 0.985, "embed  embed x0.pre/2": 0.31, "pos  pos x0.pre/1": 0.991, "pos  pos x0.pre/2": 0.44,
  "qk a0.0 x0.pre/1 x0.pre/1": 0.912, "qk a0.0 x0.pre/2 x0.pre/1": 0.038, "qk a0.0 const x0.pre/1": 0.021,
  "ov a0.0 x0.pre/0 x0.mid/1": 0.951, "passthrough  x0.pre/0 x0.mid/0": 0.97, "passthrough  x0.pre/1 x0.mid/2": 0.88, "passthrough  x0.pre/2 x0.mid/2": 0.07,
  "passthrough  x0.pre/2 x0.mid/0": 0.02, "mlp m0 x0.mid/0 x0.post/0": 0.612, "mlp m0 x0.mid/1 x0.post/1": 0.041, "mlp m0 x0.mid/2 x0.post/2": 0.19,
  "passthrough  x0.mid/0 x0.post/0": 0.33, "passthrough  x0.mid/1 x0.post/1": 0.93, "passthrough  x0.mid/2 x0.post/2": 0.62,
  "qk a1.0 x0.post/0 x0.post/1": 0.803, "qk a1.0 x0.post/0 x0.post/0": 0.071, "qk a1.0 x0.post/2 x0.post/1": 0.024,
  "ov a1.0 x0.post/0 x1.mid/2": 0.934, "passthrough  x0.post/0 x1.mid/0": 0.951, 
  "passthrough  x1.mid/2 x1.post/2": 0.88, "passthrough  x1.mid/0 x1.post/0": 0.74, "unembed  x1.post/2 logits": 0.87, "unembed  x1.post/0 logits": 0.06,
});
const kept = full.edges.filter((edge) => edge.in_circuit).length;

const model = {
  name: "unique_copy-@2l1h64d3lr01drop", n_layers: 2, n_heads: 1, d_model: 64, d_head: 64, d_mlp: 256, d_vocab: 53, n_ctx: 302,
  attn_only: false, normalization: "LN", hash: "sha256:5f0c1c6c0f6b9a3f0b8f7f3c6b1c7d8a4e2f90b1a7c3d5e6f708192a3b4c5d6e",
};
const report = {
  schema: "subspace-circuits/report/1", title: model.name, model, task: "unique_copy",
  accuracy: [{ from: 1, to: 50, samples: 2000, accuracy: 1 }, { from: 51, to: 100, samples: 2000, accuracy: 0.9985 }],
  run: { version: "0.1.0", seed: 0, command: "subspace analyze models/unique_copy --task unique_copy --out runs/unique_copy", seconds: 63.1 },
  sites, example: example(SEQUENCE, 2, 1), heads: [headScores("a0.0", 0, 0.981, 0.003), headScores("a1.0", 1, 0.012, 0.941)], circuit: full,
  validation: {
    ablation: "mean", samples: 500, match_accuracy: 0.984, task_accuracy: 0.984, kl: 0.0131, edges: kept, of: full.edges.length,
    component_edges: 11, component_of: 32, model_task_accuracy: 1,
    controls: [
      { name: "random circuit of equal size", match_accuracy: 0.021, task_accuracy: 0.021, kl: 3.14, edges: kept },
      { name: "circuit of another task", match_accuracy: 0.108, task_accuracy: 0.107, kl: 2.41, edges: 29 },
      { name: "complement of the circuit", match_accuracy: 0, task_accuracy: 0, kl: 6.02, edges: full.edges.length - kept },
    ],
    frontier: [[0.5, 9, 0.03, 2.9], [0.6, 13, 0.11, 2.2], [0.7, 18, 0.41, 1.1], [0.8, 24, 0.87, 0.21], [0.9, kept, 0.984, 0.0131], [0.95, 51, 0.996, 0.004], [0.99, 88, 1, 0.0007]]
      .map(([coverage, edges, match_accuracy, kl]) => ({ coverage, edges, match_accuracy, task_accuracy: match_accuracy, kl })),
  },
  notes: [
    "The number of subspaces was found, not told: merging stopped when no pair shared more than 0.04 nats per dimension.",
    "Variance was measured on sequences of length 1 to 50.",
    "Large variance is not proof of function: the validation tests the circuit as a whole, single edges were not ablated one by one.",
  ],
};

const copySites = [
  site("x0.pre", "blocks.0.hook_resid_pre", [16, 16, 32], ["token", "position", "mixed"], [share(0.99, 0.01, 0.003), share(0.004, 0.002, 0.988), share(0.2, 0.03, 0.3)], "told"),
  site("x0.post", "blocks.0.hook_resid_post", [16, 20, 28], ["token", "previous_token", "position"], [share(0.97, 0.01, 0.003), share(0.02, 0.95, 0.01), share(0.01, 0.02, 0.91)], "told"),
  site("x1.post", "blocks.1.hook_resid_post", [12, 20, 32], ["token", "previous_token", "answer"], [share(0.95, 0.01, 0.003), share(0.02, 0.92, 0.01), { ...share(0.01, 0.02, 0.01), answer: 0.97 }], "told"),
];
const heads = ["a0.0", "a0.1", "a1.0", "a1.1"];
const copyCircuit = attentionOnly();
function attentionOnly() {
  const one = circuit(copySites, [{ id: "a0.0", kind: "head", layer: 0 }, { id: "a1.0", kind: "head", layer: 1 }], {
    "embed  embed x0.pre/0": 0.98, "pos  pos x0.pre/1": 0.99, "qk a0.0 x0.pre/1 x0.pre/1": 0.93, "ov a0.0 x0.pre/0 x0.post/1": 0.55,
    "passthrough  x0.pre/0 x0.post/0": 0.96, "passthrough  x0.pre/1 x0.post/2": 0.9, "qk a1.0 x0.post/0 x0.post/1": 0.84, "ov a1.0 x0.post/0 x1.post/2": 0.61,
    "passthrough  x0.post/0 x1.post/0": 0.93, "unembed  x1.post/2 logits": 0.93,
  });
  const second = (head) => one.edges.filter((edge) => edge.via === head).map((edge) => ({
    ...edge, via: head.replace(".0", ".1"), in_circuit: edge.in_circuit && edge.scores.variance_share > 0.5,
    scores: SCORES(edge.scores.variance_share * 0.6, edge.scores.energy_share * 0.6, 6),
  }));
  const nodes = one.nodes.flatMap((node) => (node.kind === "head" ? [node, { ...node, id: node.id.replace(".0", ".1") }] : [node]));
  return { ...one, nodes, edges: [...one.edges, ...second("a0.0"), ...second("a1.0")] };
}
const copyKept = copyCircuit.edges.filter((edge) => edge.in_circuit).length;
const copyModel = { ...model, name: "copy-2l2h64-attention-only", n_heads: 2, d_head: 32, d_mlp: null, attn_only: true, normalization: "none" };
const copyReport = {
  ...report, title: copyModel.name, model: copyModel, task: "repeat_copy", accuracy: [{ from: 1, to: 20, samples: 1000, accuracy: 0.9997 }],
  sites: copySites, example: example(["a", "<img src=x onerror=alert(1)>", " the", "\n", "b", "naïve"], 2, 2), circuit: copyCircuit,
  heads: heads.map((head, i) => headScores(head, Number(head[1]), i < 2 ? 0.9 - 0.2 * i : 0.02, i < 2 ? 0.01 : 0.8)),
  validation: { ...report.validation, edges: copyKept, of: copyCircuit.edges.length, component_edges: null, component_of: null, frontier: [] },
  notes: ["The number of subspaces was told: three per site."],
};

const partial = { ...report, title: "sort-@2l1h64, partition only", accuracy: null, sites: sites.slice(0, 2), example: null, heads: null, circuit: null, validation: null, notes: [] };

/** The lower triangle as 16-bit numbers, least byte first, in base64. */
function packed(rows) {
  const values = rows.flatMap((row, query) => row.slice(0, query + 1).map((value) => Math.round(65535 * value)));
  return Buffer.from(values.flatMap((value) => [value & 255, value >> 8])).toString("base64");
}
function prompt(name, sequence, isScored) {
  const { tokens, supervised, predicted, patterns } = example(sequence, 2, 2);
  const answers = predicted.map((token, i) => (i === sequence.length + 2 ? "{a <eos>}" : token));
  return {
    name, tokens, predicted: answers, supervised: supervised.map((is) => is && isScored),
    right: supervised.map((is, i) => (is && isScored ? answers[i] === (tokens[i + 1] ?? "<eos>") : null)),
    patterns: patterns.map(({ layer, head, pattern }) => ({ layer, head, data: packed(pattern) })),
  };
}
const attentionPage = {
  schema: "subspace-circuits/attention-page/1", title: copyModel.name, model: copyModel, task: "repeat_copy", version: "0.1.0",
  heads: heads.map((head, i) => ({
    ...headScores(head, Number(head[1]), i < 2 ? 0.9 - 0.2 * i : 0.02, i < 2 ? 0.01 : 0.8),
    shuffled: { previous_token: 0.05, induction: 0.04 }, uniform: { previous_token: 0.06, induction: 0.02 },
    redundancy: i % 2 === 0 ? { verdict: "needed", text: "Accuracy falls to 3.1% without it." } : { verdict: "redundant", text: "Accuracy stays 99.9% without it." },
  })),
  prompts: [prompt("sample of length 4", ["a", "b", "c", "d"], true), prompt("a <img src=x onerror=alert(1)>", ["a", "<img src=x onerror=alert(1)>", " the"], false)],
};

for (const [name, value] of [["fixture", report], ["fixture-attention-only", copyReport], ["fixture-partial", partial], ["fixture-attention-page", attentionPage]]) {
  writeFileSync(new URL(`../test/${name}.json`, import.meta.url), JSON.stringify(value) + "\n");
}
