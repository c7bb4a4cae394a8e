using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Models;

/// <summary>TransformerLens state dicts, attention-only or with MLPs; also the names that this project writes.</summary>
internal static class TransformerLensLayout
{
    /// <summary>Takes every tensor by its name; buffers (<c>attn.mask</c>, <c>attn.IGNORE</c>) are passed over.</summary>
    public static Weights Read(StateDict state, ModelConfig config, string configPath)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        try
        {
            config.Validate();
        }
        catch (ArgumentException inner)
        {
            throw new CheckpointException(configPath, inner.Message.TrimEnd('.'), inner);
        }

        var tensors = WeightNames.Shapes(config).ToDictionary(entry => entry.Name, entry => state.Take(entry.Name, entry.Shape).to(float32, copy: true));
        foreach (var buffer in state.Names.Where(name => name.EndsWith(".attn.mask", StringComparison.Ordinal) || name.EndsWith(".attn.IGNORE", StringComparison.Ordinal)))
            state.Take(buffer);
        state.RequireAllTaken();
        return WeightNames.Assemble(config, name => tensors[name]);
    }

    /// <summary>The configuration: sizes from the shapes, choices from <c>model_config.json</c> where it is there.</summary>
    /// <param name="state">The tensors.</param>
    /// <param name="configPath">Path of <c>model_config.json</c>, or null.</param>
    /// <exception cref="CheckpointException">The tensors are not TransformerLens's, or have MLPs whose non-linearity nothing tells.</exception>
    public static ModelConfig ReadConfig(StateDict state, string? configPath)
    {
        var json = configPath is null ? null : new JsonFile(configPath);
        long[] embed = state.Peek("embed.W_E").shape, queries = state.Peek("blocks.0.attn.W_Q").shape, positions = state.Peek("pos_embed.W_pos").shape, unembed = state.Peek("unembed.W_U").shape;
        var hasMlp = state.Contains("blocks.0.mlp.W_in");
        long[] neurons = hasMlp ? state.Peek("blocks.0.mlp.W_in").shape : [1, 1];
        if ((embed.Length, queries.Length, positions.Length, neurons.Length) is not (2, 3, 2, 2) || embed.Concat(queries).Concat(positions).Concat(neurons).Contains(0))
            throw new CheckpointException(state.Source, "expected embed.W_E [vocab, d_model], pos_embed.W_pos [n_ctx, d_model], attn.W_Q [head, d_model, d_head] and, where there are MLPs, mlp.W_in [d_model, d_mlp], but they have other numbers of dimensions, or no elements");

        if (hasMlp && json?.Has("act_fn") != true)
            throw new CheckpointException(state.Source, "has MLPs, but nothing says which non-linearity they have; expected a model_config.json beside it with \"act_fn\": \"gelu_new\", \"gelu\" or \"relu\"");
        RequirePlain(json);
        return new ModelConfig
        {
            NLayers = state.Names.Count(name => name.StartsWith("blocks.", StringComparison.Ordinal) && name.EndsWith(".attn.W_Q", StringComparison.Ordinal)),
            NHeads = (int)queries[0],
            DModel = (int)embed[1],
            DHead = (int)queries[2],
            DMlp = hasMlp ? (int)neurons[1] : null,
            DVocab = (int)embed[0],
            DVocabOut = unembed.Length == 2 && unembed[1] != embed[0] ? (int)unembed[1] : 0,
            NCtx = (int)positions[0],
            IsCausal = json is null || ConfigJson.IsCausalOf(json),
            Activation = hasMlp ? ActivationNames.Parse(json!, "act_fn") : Activation.GeluNew,
            Normalization = json is not null ? ConfigJson.NormalizationOf(json) : state.Contains("ln_final.w") ? Normalization.LayerNorm : Normalization.None,
            Epsilon = json?.NonNegative("eps", 1e-5) ?? 1e-5,
        };
    }

    private static void RequirePlain(JsonFile? json)
    {
        if (json is null)
            return;
        if (json.Text("positional_embedding_type", "standard") != "standard")
            throw json.Wrong("positional_embedding_type", "'standard' (learned positions)");
        if (!json.Bool("use_attn_scale", true))
            throw json.Wrong("use_attn_scale", "true");
    }
}
