using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Models;

/// <summary>
/// Hugging Face's GPT-2: Conv1D weights (in × out) with queries, keys and values side by side, and an unembedding that is the
/// transposed token embedding unless <c>lm_head.weight</c> says otherwise.
/// </summary>
internal static class Gpt2Layout
{
    public static Weights Read(StateDict state, string configPath)
    {
        var config = ReadConfig(configPath);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        long d = config.DModel, h = config.NHeads, dHead = config.DHead;
        var prefix = state.Names.Any(name => name.StartsWith("transformer.", StringComparison.Ordinal)) ? "transformer." : "";
        Tensor Take(string name, params long[] shape) => state.Take(prefix + name, shape).to(float32, copy: true);
        LayerNormWeights Norm(string name) => new(Take(name + ".weight", d), Take(name + ".bias", d));

        BlockWeights Block(int layer)
        {
            var block = $"h.{layer}.";
            var qkv = Take(block + "attn.c_attn.weight", d, 3 * d).reshape(d, 3, h, dHead).permute(1, 2, 0, 3);   // [3, head, d_model, d_head]
            var bias = Take(block + "attn.c_attn.bias", 3 * d).reshape(3, h, dHead);                              // [3, head, d_head]
            var attention = new AttentionWeights(qkv[0].clone(), qkv[1].clone(), qkv[2].clone(), Take(block + "attn.c_proj.weight", d, d).reshape(h, dHead, d),
                bias[0].clone(), bias[1].clone(), bias[2].clone(), Take(block + "attn.c_proj.bias", d));
            long dMlp = config.DMlp!.Value;
            var mlp = new MlpWeights(Take(block + "mlp.c_fc.weight", d, dMlp), Take(block + "mlp.c_fc.bias", dMlp),
                Take(block + "mlp.c_proj.weight", dMlp, d), Take(block + "mlp.c_proj.bias", d));
            foreach (var buffer in (string[])["attn.bias", "attn.masked_bias"])
            {
                if (state.Contains(prefix + block + buffer))
                    state.Take(prefix + block + buffer);
            }

            return new BlockWeights(Norm(block + "ln_1"), attention, Norm(block + "ln_2"), mlp);
        }

        var wE = Take("wte.weight", config.DVocab, d);
        var wPos = Take("wpe.weight", config.NCtx, d);
        // One by one: the file, not the number in the configuration, decides how much is allocated.
        var blocks = new List<BlockWeights>();
        while (blocks.Count < config.NLayers)
            blocks.Add(Block(blocks.Count));
        var lnFinal = Norm("ln_f");
        var wU = state.Contains("lm_head.weight") ? state.Take("lm_head.weight", config.DVocab, d).to(float32).T.contiguous() : wE.T.contiguous();
        state.RequireAllTaken();
        return new Weights(config, wE, wPos, blocks, lnFinal, wU.clone(), zeros(config.DVocab));
    }

    private static ModelConfig ReadConfig(string path)
    {
        var json = new JsonFile(path);
        int d = json.Int("n_embd"), heads = json.Int("n_head");
        if (d % heads != 0)
            throw json.Wrong("n_head", $"a divisor of n_embd = {d}");
        if (json.Bool("scale_attn_by_inverse_layer_idx", false) || !json.Bool("scale_attn_weights", true))
            throw new CheckpointException(path, "expected attention scores divided by √d_head and nothing else, but scale_attn_weights or scale_attn_by_inverse_layer_idx says otherwise");
        return new ModelConfig
        {
            NLayers = json.Int("n_layer"),
            NHeads = heads,
            DModel = d,
            DHead = d / heads,
            DMlp = json.OptionalInt("n_inner") ?? 4 * d,
            DVocab = json.Int("vocab_size"),
            NCtx = json.Int("n_positions"),
            Activation = json.Has("activation_function") ? ActivationNames.Parse(json, "activation_function") : Activation.GeluNew,
            Epsilon = json.NonNegative("layer_norm_epsilon", 1e-5),
        };
    }
}
