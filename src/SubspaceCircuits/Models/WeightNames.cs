namespace SubspaceCircuits.Models;

/// <summary>TransformerLens's names of the weights, and the shape that a configuration gives each of them.</summary>
public static class WeightNames
{
    /// <summary>Name and shape of every tensor that a model of this configuration has, in the order of the computation.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Shapes(ModelConfig config)
    {
        long d = config.DModel, h = config.NHeads, dHead = config.DHead;
        var hasNorm = config.Normalization is Normalization.LayerNorm;
        yield return ("embed.W_E", [config.DVocab, d]);
        yield return ("pos_embed.W_pos", [config.NCtx, d]);
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            var block = $"blocks.{layer}.";
            foreach (var norm in hasNorm ? Norm(block + "ln1", d) : [])
                yield return norm;
            foreach (var name in (string[])["Q", "K", "V"])
                yield return ($"{block}attn.W_{name}", [h, d, dHead]);
            yield return (block + "attn.W_O", [h, dHead, d]);
            foreach (var name in (string[])["Q", "K", "V"])
                yield return ($"{block}attn.b_{name}", [h, dHead]);
            yield return (block + "attn.b_O", [d]);
            if (config.DMlp is not { } dMlp)
                continue;
            foreach (var norm in hasNorm ? Norm(block + "ln2", d) : [])
                yield return norm;
            yield return (block + "mlp.W_in", [d, dMlp]);
            yield return (block + "mlp.b_in", [dMlp]);
            yield return (block + "mlp.W_out", [dMlp, d]);
            yield return (block + "mlp.b_out", [d]);
        }

        foreach (var norm in hasNorm ? Norm("ln_final", d) : [])
            yield return norm;
        yield return ("unembed.W_U", [d, config.DVocabOut]);
        yield return ("unembed.b_U", [config.DVocabOut]);
    }

    /// <summary>Builds the weights from a function that gives the tensor of a name.</summary>
    public static Weights Assemble(ModelConfig config, Func<string, Tensor> tensor)
    {
        var hasNorm = config.Normalization is Normalization.LayerNorm;
        LayerNormWeights? Norm(string name) => hasNorm ? new(tensor(name + ".w"), tensor(name + ".b")) : null;
        BlockWeights Block(int layer)
        {
            var attn = $"blocks.{layer}.attn.";
            var mlp = $"blocks.{layer}.mlp.";
            return new BlockWeights(
                Norm($"blocks.{layer}.ln1"),
                new(tensor(attn + "W_Q"), tensor(attn + "W_K"), tensor(attn + "W_V"), tensor(attn + "W_O"),
                    tensor(attn + "b_Q"), tensor(attn + "b_K"), tensor(attn + "b_V"), tensor(attn + "b_O")),
                config.IsAttentionOnly ? null : Norm($"blocks.{layer}.ln2"),
                config.IsAttentionOnly ? null : new(tensor(mlp + "W_in"), tensor(mlp + "b_in"), tensor(mlp + "W_out"), tensor(mlp + "b_out")));
        }

        return new Weights(config, tensor("embed.W_E"), tensor("pos_embed.W_pos"), [.. Enumerable.Range(0, config.NLayers).Select(Block)],
            Norm("ln_final"), tensor("unembed.W_U"), tensor("unembed.b_U"));
    }

    internal static IEnumerable<(string Name, Tensor Tensor)> Enumerate(Weights weights)
    {
        static IEnumerable<(string, Tensor)> Norm(string name, LayerNormWeights? norm) =>
            norm is null ? [] : [(name + ".w", norm.W), (name + ".b", norm.B)];

        yield return ("embed.W_E", weights.WE);
        yield return ("pos_embed.W_pos", weights.WPos);
        for (var layer = 0; layer < weights.Blocks.Count; layer++)
        {
            var (ln1, a, ln2, mlp) = weights.Blocks[layer];
            var block = $"blocks.{layer}.";
            IEnumerable<(string, Tensor)> attention = [(block + "attn.W_Q", a.WQ), (block + "attn.W_K", a.WK), (block + "attn.W_V", a.WV), (block + "attn.W_O", a.WO),
                (block + "attn.b_Q", a.BQ), (block + "attn.b_K", a.BK), (block + "attn.b_V", a.BV), (block + "attn.b_O", a.BO)];
            IEnumerable<(string, Tensor)> neurons = mlp is null ? []
                : [(block + "mlp.W_in", mlp.WIn), (block + "mlp.b_in", mlp.BIn), (block + "mlp.W_out", mlp.WOut), (block + "mlp.b_out", mlp.BOut)];
            foreach (var pair in Norm(block + "ln1", ln1).Concat(attention).Concat(Norm(block + "ln2", ln2)).Concat(neurons))
                yield return pair;
        }

        foreach (var pair in Norm("ln_final", weights.LnFinal))
            yield return pair;
        yield return ("unembed.W_U", weights.WU);
        yield return ("unembed.b_U", weights.BU);
    }

    internal static void RequireShape(ModelConfig config, string name, Tensor tensor)
    {
        var expected = Shapes(config).FirstOrDefault(entry => entry.Name == name).Shape
            ?? throw new ArgumentException($"A model of this configuration has no tensor '{name}'.");
        if (!tensor.shape.AsSpan().SequenceEqual(expected))
            throw new ArgumentException($"{name} should have shape [{string.Join(", ", expected)}], but has [{string.Join(", ", tensor.shape)}].");
    }

    private static IEnumerable<(string, long[])> Norm(string name, long d) => [(name + ".w", [d]), (name + ".b", [d])];
}
