namespace SubspaceCircuits.Circuits.Heads;

/// <summary>What two heads of a layer are to each other, by their weights.</summary>
public enum HeadPairVerdict
{
    /// <summary>Nothing of what follows.</summary>
    None,

    /// <summary>Same pattern, and on an edge what one writes the other takes back: together they do nothing there.</summary>
    Cancelling,

    /// <summary>Same QK and OV.</summary>
    Redundant,

    /// <summary>Same QK and OV up to weights: either could do the work of both, were its weights larger.</summary>
    SameUpToWeights,

    /// <summary>Same pattern, and parts of a move between the same subspaces: one head in two.</summary>
    Divided,

    /// <summary>Same pattern, but they move other things.</summary>
    SamePattern,

    /// <summary>Same OV, but they look elsewhere.</summary>
    SameValues,

    /// <summary>Opposed OV, and they look elsewhere: what one moves from here the other takes away from there.</summary>
    OpposedValues,
}

/// <summary>Numbers from which on two heads are named.</summary>
public sealed record HeadPairThresholds
{
    /// <summary>Cosine, positive or negative, of maps that are the same or opposed. Default 0.95.</summary>
    public double Cosine { get; init; } = .95;

    /// <summary>Most <c>‖S − S'‖²/(‖S‖² + ‖S'‖²)</c> of the same pattern, and most <c>‖T + T'‖²/(‖T‖² + ‖T'‖²)</c> of an edge that cancels. Default 0.05.</summary>
    public double Distance { get; init; } = .05;

    /// <summary>Least ratio of norms of maps that are the same without a weight. Default 0.8.</summary>
    public double NormRatio { get; init; } = .8;

    /// <summary>Least share of an edge in the OV energy of both heads, to be listed and to be named as cancelling. Default 0.01.</summary>
    public double EdgeShare { get; init; } = .01;

    /// <summary>Least overlap <c>Σ_jk min(e_jk/Σe, e'_jk/Σe')</c> of the energies of a move that is divided. Default 0.5.</summary>
    public double EdgeOverlap { get; init; } = .5;
}

/// <summary>Two heads of a layer.</summary>
/// <param name="First">Name of the first.</param>
/// <param name="Second">Name of the second.</param>
/// <param name="Qk">Whole QK maps, the constant part of the query included.</param>
/// <param name="Ov">Whole OV maps.</param>
/// <param name="QkBlocks">Blocks of QK with a share of their energy, the greatest products first.</param>
/// <param name="OvBlocks">Blocks of OV with a share of their energy, the greatest products first.</param>
/// <param name="EdgeOverlap"><c>Σ_jk min(e_jk/Σe, e'_jk/Σe')</c> of the energies of OV blocks.</param>
/// <param name="Verdict">What they are to each other.</param>
/// <param name="Cancelling">Blocks of OV on which they cancel.</param>
public sealed record HeadPair(string First, string Second, BlockComparison Qk, BlockComparison Ov, IReadOnlyList<BlockComparison> QkBlocks, IReadOnlyList<BlockComparison> OvBlocks,
    double EdgeOverlap, HeadPairVerdict Verdict, IReadOnlyList<BlockComparison> Cancelling)
{
    /// <summary><c>Σ_jk |⟨T_jk, T'_jk⟩| / ‖T‖‖T'‖</c>, 0 to 1: how much of both moves along or against each other.</summary>
    public double Strength => Ov.FirstEnergy * Ov.SecondEnergy > 0 ? OvBlocks.Sum(block => Math.Abs(block.Inner)) / Math.Sqrt(Ov.FirstEnergy * Ov.SecondEnergy) : 0;

    /// <summary>The verdict in words, with its numbers.</summary>
    public string Words => Verdict switch
    {
        HeadPairVerdict.Cancelling => FormattableString.Invariant($"cancelling pair: same pattern (QK distance {Qk.Distance:0.00}), opposed on {string.Join(", ", Cancelling.Select(block => FormattableString.Invariant($"{block.Left} → {block.Right} (cosine {block.Cosine:0.00}, {block.Cancellation:0.00} of the energy left)")))}"),
        HeadPairVerdict.Redundant => FormattableString.Invariant($"redundant: same QK and OV (cosines {Qk.Cosine:0.00}, {Ov.Cosine:0.00})"),
        HeadPairVerdict.SameUpToWeights => FormattableString.Invariant($"same function up to weights (cosines {Qk.Cosine:0.00}, {Ov.Cosine:0.00}; norms {Qk.NormRatio:0.00}, {Ov.NormRatio:0.00})"),
        HeadPairVerdict.Divided => FormattableString.Invariant($"one head in two: same pattern (QK distance {Qk.Distance:0.00}), same edges (overlap {EdgeOverlap:0.00}), other directions (cosine {Ov.Cosine:0.00})"),
        HeadPairVerdict.SamePattern => FormattableString.Invariant($"same pattern (QK distance {Qk.Distance:0.00}), other moves (overlap {EdgeOverlap:0.00})"),
        HeadPairVerdict.SameValues => FormattableString.Invariant($"same OV (cosine {Ov.Cosine:0.00}), other patterns (QK cosine {Qk.Cosine:0.00})"),
        HeadPairVerdict.OpposedValues => FormattableString.Invariant($"opposed OV (cosine {Ov.Cosine:0.00}), other patterns (QK cosine {Qk.Cosine:0.00})"),
        _ => "",
    };

    internal static HeadPair Of(string first, string second, BlockComparison qk, BlockComparison ov, IReadOnlyList<BlockComparison> qkBlocks, IReadOnlyList<BlockComparison> ovBlocks, HeadPairThresholds thresholds)
    {
        IReadOnlyList<BlockComparison> Listed(IEnumerable<BlockComparison> blocks, BlockComparison whole) =>
            [.. blocks.Where(block => block.Energy > 0 && block.Energy >= thresholds.EdgeShare * whole.Energy).OrderByDescending(block => Math.Abs(block.Inner))];
        var writesBoth = ov.FirstEnergy > 0 && ov.SecondEnergy > 0;
        var overlap = writesBoth ? ovBlocks.Sum(block => Math.Min(block.FirstEnergy / ov.FirstEnergy, block.SecondEnergy / ov.SecondEnergy)) : 0;
        var (isSamePattern, isAlike) = (qk.Distance <= thresholds.Distance, qk.Cosine >= thresholds.Cosine || qk.Energy == 0);
        var listed = Listed(ovBlocks, ov);
        BlockComparison[] cancelling = [.. listed.Where(block => isSamePattern && block.Cancellation <= thresholds.Distance)];
        var verdict = !writesBoth ? HeadPairVerdict.None
            : cancelling.Length > 0 ? HeadPairVerdict.Cancelling
            : ov.Cosine >= thresholds.Cosine ? !isAlike ? HeadPairVerdict.SameValues
                : isSamePattern && ov.NormRatio >= thresholds.NormRatio ? HeadPairVerdict.Redundant : HeadPairVerdict.SameUpToWeights
            : isSamePattern ? overlap >= thresholds.EdgeOverlap ? HeadPairVerdict.Divided : HeadPairVerdict.SamePattern
            : ov.Cosine <= -thresholds.Cosine ? HeadPairVerdict.OpposedValues : HeadPairVerdict.None;
        return new HeadPair(first, second, qk, ov, Listed(qkBlocks, qk), listed, overlap, verdict, cancelling);
    }
}
