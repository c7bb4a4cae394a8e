using SubspaceCircuits.Models;

namespace SubspaceCircuits.Training.Engine;

/// <summary>Moves weights between TransformerLens's tensors and the flat array of a <see cref="ParameterLayout"/>.</summary>
internal static class PackedWeights
{
    /// <summary>The flat parameters of a model. The weights are on the CPU, in float32.</summary>
    public static float[] Pack(ParameterLayout layout, Weights weights)
    {
        var flat = new float[layout.Length];
        var named = weights.Named().ToDictionary(pair => pair.Name, pair => pair.Tensor.detach().contiguous().data<float>().ToArray());
        foreach (var (name, index, source) in Places(layout).SelectMany(place => Elements(place.Place).Select(pair => (place.Name, pair.Flat, pair.Dense))))
            flat[index] = named[name][source];
        return flat;
    }

    /// <summary>A model with these parameters, owned by the caller.</summary>
    public static Weights Unpack(ParameterLayout layout, float[] flat)
    {
        using var scope = NewDisposeScope();
        var shapes = WeightNames.Shapes(layout.Config).ToDictionary(entry => entry.Name, entry => entry.Shape);
        var dense = shapes.ToDictionary(entry => entry.Key, entry => new float[entry.Value.Aggregate(1L, (product, side) => product * side)]);
        foreach (var (name, index, target) in Places(layout).SelectMany(place => Elements(place.Place).Select(pair => (place.Name, pair.Flat, pair.Dense))))
            dense[name][target] = flat[index];
        return WeightNames.Assemble(layout.Config, name => tensor(dense[name], shapes[name]));
    }

    /// <summary>A dense block [outer, rows, columns] whose element lies at <c>start + outer·outerStep + row·rowStep + column</c>.</summary>
    private readonly record struct Place(int Start, int Outer, int Rows, int Columns, int OuterStep, int RowStep);

    private static IEnumerable<(int Flat, int Dense)> Elements(Place place)
    {
        for (var outer = 0; outer < place.Outer; outer++)
        {
            for (var row = 0; row < place.Rows; row++)
            {
                for (var column = 0; column < place.Columns; column++)
                    yield return (place.Start + outer * place.OuterStep + row * place.RowStep + column, (outer * place.Rows + row) * place.Columns + column);
            }
        }
    }

    private static List<(string Name, Place Place)> Places(ParameterLayout layout)
    {
        var config = layout.Config;
        int d = config.DModel, h = config.NHeads, e = config.DHead;
        Place Plain(Slice slice, int rows, int columns) => new(slice.Start, 1, rows, columns, 0, slice.Stride);
        // [head, d_model, d_head]: the heads lie side by side within a row.
        Place Reads(Slice slice, int first) => new(slice.Start + first, h, d, e, layout.DHead, slice.Stride);
        Place ReadBias(Slice slice, int first) => new(slice.Start + first, h, 1, e, layout.DHead, 0);
        var hasNorm = config.Normalization is Normalization.LayerNorm;
        IEnumerable<(string, Place)> Norm(string name, Slice w, Slice b) => hasNorm ? [(name + ".w", Plain(w, 1, d)), (name + ".b", Plain(b, 1, d))] : [];

        List<(string Name, Place Place)> places = [("embed.W_E", Plain(layout.Embed, config.DVocab, d)), ("pos_embed.W_pos", Plain(layout.Positions, config.NCtx, d))];
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            var (block, name) = (layout.Blocks[layer], $"blocks.{layer}.");
            places.AddRange(Norm(name + "ln1", block.Ln1W, block.Ln1B));
            places.AddRange([(name + "attn.W_Q", Reads(block.WQ, 0)), (name + "attn.W_K", Reads(block.WKV, 0)), (name + "attn.W_V", Reads(block.WKV, layout.Heads)),
                (name + "attn.b_Q", ReadBias(block.BQ, 0)), (name + "attn.b_K", ReadBias(block.BKV, 0)), (name + "attn.b_V", ReadBias(block.BKV, layout.Heads)),
                (name + "attn.W_O", new Place(block.WO.Start, h, e, d, layout.DHead * block.WO.Stride, block.WO.Stride)), (name + "attn.b_O", Plain(block.BO, 1, d))]);
            if (config.DMlp is not { } m)
                continue;
            places.AddRange(Norm(name + "ln2", block.Ln2W, block.Ln2B));
            places.AddRange([(name + "mlp.W_in", Plain(block.WIn, d, m)), (name + "mlp.b_in", Plain(block.BIn, 1, m)), (name + "mlp.W_out", Plain(block.WOut, m, d)), (name + "mlp.b_out", Plain(block.BOut, 1, d))]);
        }

        places.AddRange(Norm("ln_final", layout.LnFinalW, layout.LnFinalB));
        places.AddRange([("unembed.W_U", Plain(layout.Unembed, d, config.DVocab)), ("unembed.b_U", Plain(layout.UnembedBias, 1, config.DVocab))]);
        return places;
    }
}
