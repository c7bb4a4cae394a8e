"""Writes the small models of tests/SubspaceCircuits.Tests/Golden and what an independent forward pass makes of them.

Run with plain PyTorch, from anywhere:  python3 tools/golden/make_transformer_golden.py
The committed files were made with PyTorch 1.13.1. Weights are random numbers in float32; the arithmetic is float64. The
residual stream and the logits are stored as float64, all other activations as float32.

  gpt2-gelu-new          Hugging Face names, tied unembedding, epsilon 1e-3, positions that do not start at 0
  attention-only         TransformerLens names, no configuration: sizes and norms from the shapes; buffers to pass over
  mlp-gelu               TransformerLens names, exact GELU, LayerNorm with epsilon 0.02
  mlp-relu               TransformerLens names, ReLU, no LayerNorm
"""

import json
import math
import pathlib
import struct

import torch

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests" / "SubspaceCircuits.Tests" / "Golden"
DTYPES = {torch.float64: "F64", torch.float32: "F32", torch.int64: "I64", torch.bool: "BOOL"}


def write_safetensors(path, tensors, **metadata):
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_model(name, weights, activations, config_name=None, config=None, weights_name="model.safetensors"):
    folder = GOLDEN / name
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / weights_name, weights)
    if config:
        (folder / config_name).write_text(json.dumps(config, indent=2) + "\n")
    is_exact = lambda key: "resid" in key or key == "logits"
    stored = {key: value if value.dtype == torch.int64 or is_exact(key) else value.float() for key, value in activations.items()}
    write_safetensors(folder / "golden.safetensors", stored, made_by="tools/golden/make_transformer_golden.py, PyTorch in float64")


def normal(generator, *shape, scale):
    return (torch.randn(*shape, generator=generator, dtype=torch.float64) * scale).float()


def gelu_new(x):
    return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))


def gelu(x):
    return 0.5 * x * (1.0 + torch.erf(x / math.sqrt(2.0)))


def layer_norm(x, w, b, epsilon, kept, name):
    """x: [batch, pos, d_model]"""
    kept[name + ".hook_scale"] = torch.sqrt(x.var(-1, unbiased=False, keepdim=True) + epsilon)
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), w, b, epsilon)


def attend(q, k, v, kept, block):
    """q, k, v: [batch, pos, head, d_head]; one head and one query at a time, so that the mask is a range of keys."""
    batch, length, heads, d_head = q.shape
    scores = torch.full((batch, heads, length, length), -math.inf, dtype=torch.float64)
    pattern, z = torch.zeros_like(scores), torch.zeros_like(v)
    for head in range(heads):
        for i in range(length):
            seen = (k[:, : i + 1, head] * q[:, i : i + 1, head]).sum(-1) / math.sqrt(d_head)  # [batch, key]
            scores[:, head, i, : i + 1] = seen
            pattern[:, head, i, : i + 1] = torch.softmax(seen, -1)
            z[:, i, head] = (pattern[:, head, i, : i + 1, None] * v[:, : i + 1, head]).sum(1)
    for name, value in dict(q=q, k=k, v=v, attn_scores=scores, pattern=pattern, z=z).items():
        kept[f"{block}.attn.hook_{name}"] = value
    return z


def gpt2(weights, config, tokens, positions):
    w = {name.removeprefix("transformer."): value.double() for name, value in weights.items()}
    kept = {"tokens": tokens, "positions": positions}
    kept["hook_embed"], kept["hook_pos_embed"] = w["wte.weight"][tokens], w["wpe.weight"][positions]
    x = kept["hook_embed"] + kept["hook_pos_embed"]
    epsilon, heads = config["layer_norm_epsilon"], config["n_head"]
    for layer in range(config["n_layer"]):
        h, block = f"h.{layer}.", f"blocks.{layer}"
        kept[block + ".hook_resid_pre"] = x
        y = layer_norm(x, w[h + "ln_1.weight"], w[h + "ln_1.bias"], epsilon, kept, block + ".ln1")
        q, k, v = (y @ w[h + "attn.c_attn.weight"] + w[h + "attn.c_attn.bias"]).split(config["n_embd"], dim=2)
        split = lambda t: t.reshape(*t.shape[:2], heads, -1)
        z = attend(split(q), split(k), split(v), kept, block)
        d_head, c_proj = z.shape[-1], w[h + "attn.c_proj.weight"]
        kept[block + ".attn.hook_result"] = torch.stack([z[:, :, i] @ c_proj[i * d_head : (i + 1) * d_head] for i in range(heads)], 2)
        kept[block + ".hook_attn_out"] = z.flatten(2) @ c_proj + w[h + "attn.c_proj.bias"]
        x = x + kept[block + ".hook_attn_out"]
        kept[block + ".hook_resid_mid"] = x
        y = layer_norm(x, w[h + "ln_2.weight"], w[h + "ln_2.bias"], epsilon, kept, block + ".ln2")
        kept[block + ".mlp.hook_pre"] = y @ w[h + "mlp.c_fc.weight"] + w[h + "mlp.c_fc.bias"]
        kept[block + ".mlp.hook_post"] = gelu_new(kept[block + ".mlp.hook_pre"])
        kept[block + ".hook_mlp_out"] = kept[block + ".mlp.hook_post"] @ w[h + "mlp.c_proj.weight"] + w[h + "mlp.c_proj.bias"]
        x = x + kept[block + ".hook_mlp_out"]
        kept[block + ".hook_resid_post"] = x
    y = layer_norm(x, w["ln_f.weight"], w["ln_f.bias"], epsilon, kept, "ln_final")
    kept["logits"] = y @ w["wte.weight"].t()
    return kept


def transformer_lens(weights, layers, tokens, activation=None, epsilon=1e-5):
    w = {name: value.double() for name, value in weights.items() if value.dtype == torch.float32}
    positions = torch.arange(tokens.shape[1]).expand_as(tokens).contiguous()
    kept = {"tokens": tokens, "positions": positions}
    kept["hook_embed"], kept["hook_pos_embed"] = w["embed.W_E"][tokens], w["pos_embed.W_pos"][positions]
    x = kept["hook_embed"] + kept["hook_pos_embed"]
    norm = lambda x, name: layer_norm(x, w[name + ".w"], w[name + ".b"], epsilon, kept, name) if name + ".w" in w else x
    for block in [f"blocks.{layer}" for layer in range(layers)]:
        kept[block + ".hook_resid_pre"] = x
        y = norm(x, block + ".ln1")
        heads = w[block + ".attn.W_Q"].shape[0]
        project = lambda name: torch.stack([y @ w[f"{block}.attn.W_{name}"][i] + w[f"{block}.attn.b_{name}"][i] for i in range(heads)], 2)
        z = attend(project("Q"), project("K"), project("V"), kept, block)
        result = torch.stack([z[:, :, i] @ w[block + ".attn.W_O"][i] for i in range(heads)], 2)
        kept[block + ".attn.hook_result"] = result
        kept[block + ".hook_attn_out"] = result.sum(2) + w[block + ".attn.b_O"]
        x = x + kept[block + ".hook_attn_out"]
        if activation:
            kept[block + ".hook_resid_mid"] = x
            kept[block + ".mlp.hook_pre"] = norm(x, block + ".ln2") @ w[block + ".mlp.W_in"] + w[block + ".mlp.b_in"]
            kept[block + ".mlp.hook_post"] = activation(kept[block + ".mlp.hook_pre"])
            kept[block + ".hook_mlp_out"] = kept[block + ".mlp.hook_post"] @ w[block + ".mlp.W_out"] + w[block + ".mlp.b_out"]
            x = x + kept[block + ".hook_mlp_out"]
        kept[block + ".hook_resid_post"] = x
    kept["logits"] = norm(x, "ln_final") @ w["unembed.W_U"] + w["unembed.b_U"]
    return kept


def gpt2_weights(generator, config):
    d, weights = config["n_embd"], {}
    shapes = {"wte.weight": (config["vocab_size"], d), "wpe.weight": (config["n_positions"], d)}
    for layer in range(config["n_layer"]):
        h = f"h.{layer}."
        shapes |= {h + "ln_1.weight": (d,), h + "ln_1.bias": (d,), h + "attn.c_attn.weight": (d, 3 * d), h + "attn.c_attn.bias": (3 * d,),
                   h + "attn.c_proj.weight": (d, d), h + "attn.c_proj.bias": (d,), h + "ln_2.weight": (d,), h + "ln_2.bias": (d,),
                   h + "mlp.c_fc.weight": (d, 4 * d), h + "mlp.c_fc.bias": (4 * d,), h + "mlp.c_proj.weight": (4 * d, d), h + "mlp.c_proj.bias": (d,)}
    shapes |= {"ln_f.weight": (d,), "ln_f.bias": (d,)}
    for name, shape in shapes.items():
        # Small embeddings, so that epsilon matters.
        scale = 0.05 if name.startswith(("wte", "wpe")) else 0.4
        weights["transformer." + name] = normal(generator, *shape, scale=scale) + (1.0 if ".ln_" in "." + name and name.endswith("weight") else 0.0)
    return weights


def lens_weights(generator, layers, heads, d, d_head, vocab, n_ctx, d_mlp=None, has_norm=True):
    def norm(name):
        return {name + ".w": 1.0 + normal(generator, d, scale=0.4), name + ".b": normal(generator, d, scale=0.4)} if has_norm else {}

    weights = {"embed.W_E": normal(generator, vocab, d, scale=0.5), "pos_embed.W_pos": normal(generator, n_ctx, d, scale=0.5)}
    for block in [f"blocks.{layer}." for layer in range(layers)]:
        weights |= norm(block + "ln1")
        weights |= {f"{block}attn.W_{name}": normal(generator, heads, d, d_head, scale=0.5) for name in "QKV"}
        weights |= {f"{block}attn.b_{name}": normal(generator, heads, d_head, scale=0.4) for name in "QKV"}
        weights |= {block + "attn.W_O": normal(generator, heads, d_head, d, scale=0.3), block + "attn.b_O": normal(generator, d, scale=0.4)}
        if d_mlp:
            weights |= norm(block + "ln2")
            weights |= {block + "mlp.W_in": normal(generator, d, d_mlp, scale=0.4), block + "mlp.b_in": normal(generator, d_mlp, scale=0.4)}
            weights |= {block + "mlp.W_out": normal(generator, d_mlp, d, scale=0.3), block + "mlp.b_out": normal(generator, d, scale=0.4)}
    return weights | norm("ln_final") | {"unembed.W_U": normal(generator, d, vocab, scale=0.5), "unembed.b_U": normal(generator, vocab, scale=0.4)}


def main():
    generator = torch.Generator().manual_seed(0)
    draw = lambda vocab, length: torch.randint(vocab, (2, length), generator=generator)

    config = {"model_type": "gpt2", "n_layer": 2, "n_head": 2, "n_embd": 8, "n_inner": None, "vocab_size": 11, "n_positions": 12,
              "activation_function": "gelu_new", "layer_norm_epsilon": 1e-3}
    weights = gpt2_weights(generator, config)
    positions = torch.stack([torch.arange(2, 7), torch.arange(7, 12)])
    write_model("gpt2-gelu-new", weights, gpt2(weights, config, draw(11, 5), positions), "config.json", config)

    weights = lens_weights(generator, layers=2, heads=3, d=8, d_head=4, vocab=9, n_ctx=10)
    buffers = {f"blocks.{layer}.attn.{name}": value for layer in range(2)
               for name, value in {"mask": torch.ones(10, 10, dtype=torch.bool).tril(), "IGNORE": torch.tensor(-math.inf)}.items()}
    write_model("attention-only", weights | buffers, transformer_lens(weights, 2, draw(9, 5)), weights_name="weights.safetensors")

    weights = lens_weights(generator, layers=2, heads=2, d=8, d_head=3, vocab=9, n_ctx=8, d_mlp=10)
    write_model("mlp-gelu", weights, transformer_lens(weights, 2, draw(9, 4), gelu, 0.02),
                "model_config.json", {"act_fn": "gelu", "normalization_type": "LN", "eps": 0.02})

    weights = lens_weights(generator, layers=1, heads=2, d=8, d_head=5, vocab=9, n_ctx=8, d_mlp=10, has_norm=False)
    write_model("mlp-relu", weights, transformer_lens(weights, 1, draw(9, 4), torch.relu),
                "model_config.json", {"act_fn": "relu", "normalization_type": None})


if __name__ == "__main__":
    main()
