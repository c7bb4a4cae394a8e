namespace SubspaceCircuits.Circuits.Heads;

/// <summary>
/// Labels heads by their blocks and by what the ends of the stream put into the subspaces that these read, without running the model and without names.
/// </summary>
/// <remarks>
/// <para>
/// Scores are those of a query and a key of which one thing is known and the rest is at its mean over tokens and positions: two positions; two tokens; a token
/// and the token before another, as the previous-token heads of earlier layers move it (all heads labelled with that offset together). A head with MLPs and
/// heads between that carry more is seen only in part; <see cref="HeadLabelSettings.Means"/> puts measured content in the place of what weights say.
/// </para>
/// <para>
/// Values go from the tokens through the head straight to the logits, both less their means over tokens. A fixed position is a label only when no content that is
/// known here can draw the head away from it, and what is not known (subspaces that only MLPs and other heads fill) is not expected to.
/// </para>
/// </remarks>
public static class HeadLabelling
{
    /// <summary>Labels every head, layer by layer.</summary>
    /// <param name="model">Model and partitions; of these the moments give the scale of LayerNorms, the subspaces where it is that a score is made.</param>
    /// <param name="settings">Tokens, thresholds.</param>
    public static IReadOnlyList<HeadLabels> Of(PartitionedModel model, HeadLabelSettings settings)
    {
        settings.Validate();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var contents = new HeadContents(model, settings);
        List<HeadLabels> all = [];
        for (var layer = 0; layer < model.Weights.Config.NLayers; layer++)
        {
            using var step = NewDisposeScope();
            using var map = new ReadMap(model.Weights.Blocks[layer].Ln1, model.Weights.Config.Epsilon, model.AroundAttention(layer).Read);
            var labelling = new LayerLabelling(model, contents, settings, layer, map);
            HeadLabels[] labels = [.. Enumerable.Range(0, model.Weights.Config.NHeads).Select(labelling.Label)];
            foreach (var (head, found) in labels.Index())
            {
                if (found.Labels.FirstOrDefault(label => label.Kind is HeadLabelKind.Offset && label.KeyOffset != 0) is { } offset)
                    contents.Moves(layer, head, offset.KeyOffset);
            }

            all.AddRange(labels);
        }

        return all;
    }
}
