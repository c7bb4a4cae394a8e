using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions.Norms;

/// <summary>Constants in the place of 1/σ(x), for some readers and classes of positions; readers without constants keep their σ(x).</summary>
/// <param name="Classes">Classes of positions.</param>
/// <param name="InverseScales">s̄ of every class, by reader. [class]</param>
public sealed record NormConstants(PositionClasses Classes, IReadOnlyDictionary<NormReader, IReadOnlyList<double>> InverseScales)
{
    /// <summary>One constant for each reader, the mean of 1/σ.</summary>
    public static NormConstants PerReader(IReadOnlyDictionary<NormReader, NormSpread> spreads) =>
        new(PositionClasses.One, spreads.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<double>)[pair.Value.Mean]));

    /// <summary>One constant for each reader, <c>1/√E[σ²]</c>, as in the scores of a circuit.</summary>
    /// <param name="spreads">Gives them.</param>
    /// <param name="classes">Classes of positions, all of which have the same.</param>
    public static NormConstants OfMoments(IReadOnlyDictionary<NormReader, NormSpread> spreads, PositionClasses classes) =>
        new(classes, spreads.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<double>)[.. classes.Names.Select(_ => pair.Value.OfMoments)]));

    /// <summary>One constant for each reader and class, the mean of 1/σ in the class.</summary>
    public static NormConstants PerClass(IReadOnlyDictionary<NormReader, NormSpread> spreads, PositionClasses classes) =>
        new(classes, spreads.ToDictionary(pair => pair.Key, pair => pair.Value.ClassMeans));

    /// <summary>The constants of one reader alone.</summary>
    public NormConstants Only(NormReader reader) => this with { InverseScales = new Dictionary<NormReader, IReadOnlyList<double>> { [reader] = InverseScales[reader] } };

    /// <summary>Hooks with which a forward pass from position 0 is that of the model with these constants: affine between attention patterns and non-linearities.</summary>
    public Hooks Hooks() => Hooks(InverseScales.Select(pair => (pair.Key, tensor([.. pair.Value]))), Classes);

    /// <summary>Hooks for constants that are tensors, and may have gradients.</summary>
    /// <param name="inverseScales">s̄ of every class, by reader. [class]</param>
    /// <param name="classes">Classes of positions.</param>
    internal static Hooks Hooks(IEnumerable<(NormReader Reader, Tensor InverseScales)> inverseScales, PositionClasses classes)
    {
        var hooks = new Hooks();
        foreach (var (reader, values) in inverseScales)
        {
            hooks.Replace(reader.Scale, scale => (1 / values.to(scale.device).index_select(0, classes.Indices(scale.shape[1], scale.device)))
                .to(scale.dtype).reshape(1, -1, 1).expand_as(scale));                                            // [batch, pos, 1]
        }

        return hooks;
    }
}
