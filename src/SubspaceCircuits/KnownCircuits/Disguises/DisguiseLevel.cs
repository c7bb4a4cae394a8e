using SubspaceCircuits.KnownCircuits.Compiling;

namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>How well a circuit is hidden. D0 to D2 are exact, D3 and D4 are not.</summary>
public enum DisguiseLevel
{
    /// <summary>As compiled: a coordinate for each value.</summary>
    D0,

    /// <summary>Heads and neurons permuted, neurons scaled, heads gauged, the stream rotated.</summary>
    D1,

    /// <summary>D1 with distractors of every kind, redundant heads, and padding heads to 4 in each layer, or 8 where there are more.</summary>
    D2,

    /// <summary>D2 with variables in superposition, 0.6 dimensions for each value, and soft attention.</summary>
    D3,

    /// <summary>D3 with 1 % of noise.</summary>
    D4,
}

/// <summary>The disguises that make up a level.</summary>
public static class DisguiseLevels
{
    private const double SoftBeta = 12;

    /// <summary>What a program should be compiled with for a level.</summary>
    public static CompilerOptions CompilerOptions(DisguiseLevel level) => level >= DisguiseLevel.D3 ? new CompilerOptions { Beta = SoftBeta } : new CompilerOptions();

    /// <summary>The disguises of a level, in order. A model without neurons gets none.</summary>
    public static IReadOnlyList<IDisguise> Of(DisguiseLevel level, ModelParts parts)
    {
        return
        [
            .. From(DisguiseLevel.D3, new Encode(.6)),
            .. From(DisguiseLevel.D2, new AddDistractorDimensions(), new AddDistractorHeads()),
            .. parts.Layers.Any(layer => layer.Neurons.Count > 0) ? From(DisguiseLevel.D2, new AddDistractorNeurons()) : [],
            .. From(DisguiseLevel.D2, new ShareHeads(), new SplitHeads(), new PadHeads()),
            .. From(DisguiseLevel.D1, new PermuteHeads(), new PermuteNeurons(), new ScaleNeurons(), new GaugeHeads(), new Rotate()),
            .. From(DisguiseLevel.D4, new AddNoise()),
        ];

        IEnumerable<IDisguise> From(DisguiseLevel first, params IDisguise[] disguises) => level >= first ? disguises : [];
    }

    /// <summary>A model at a level.</summary>
    /// <param name="parts">A compiled model (<see cref="CompilerOptions"/>).</param>
    /// <param name="level">The level.</param>
    /// <param name="seed">The same seed gives the same model.</param>
    public static DisguisedModel Apply(ModelParts parts, DisguiseLevel level, int seed) => Composition.Apply(parts, Of(level, parts), seed);
}
