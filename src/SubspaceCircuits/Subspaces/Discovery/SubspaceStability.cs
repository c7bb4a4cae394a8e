namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>How far a subspace can be relied on.</summary>
public enum StabilityVerdict
{
    /// <summary>It is found again in nearly every replicate.</summary>
    Stable,

    /// <summary>It is found again in at least half of them.</summary>
    Borderline,

    /// <summary>Mostly it is not found again: on other rows its directions are cut otherwise.</summary>
    NotSeparable,
}

/// <summary>How often a subspace is found again when discovery runs on half of the rows, with another seed.</summary>
/// <param name="Overlap">Mean over replicates of the overlap, weighted by variance, with the most similar subspace there; 0 to 1.</param>
/// <param name="Recurrence">Share of replicates in which that overlap is at least <see cref="LeastOverlap"/>.</param>
/// <remarks>
/// Halves are drawn without replacement (subsampling; Politis, Romano and Wolf 1999; for selection Meinshausen and Bühlmann 2010). A bootstrap with
/// replacement would hold exact duplicates, and a duplicate's nearest neighbour is itself.
/// </remarks>
public sealed record SubspaceStability(double Overlap, double Recurrence)
{
    /// <summary>Overlap from which on two subspaces count as the same.</summary>
    public const double LeastOverlap = 0.8;

    /// <summary>Recurrences from which on a subspace is stable, and borderline.</summary>
    public const double Stable = 0.9, Borderline = 0.5;

    /// <summary>The same in a word.</summary>
    public StabilityVerdict Verdict => Recurrence >= Stable ? StabilityVerdict.Stable : Recurrence >= Borderline ? StabilityVerdict.Borderline : StabilityVerdict.NotSeparable;

    /// <summary>Stability of each subspace of a partition, by those of the replicates.</summary>
    /// <param name="subspaces">Orthonormal columns of each. [d, size]</param>
    /// <param name="replicates">The same of every replicate, at least one.</param>
    /// <param name="covariance">Covariance of the activations. [d, d]</param>
    internal static IReadOnlyList<SubspaceStability> Of(IReadOnlyList<Tensor> subspaces, IReadOnlyList<IReadOnlyList<Tensor>> replicates, Tensor covariance) =>
        [.. subspaces.Select(subspace =>
        {
            double[] overlaps = [.. replicates.Select(replicate => replicate.Max(other => SubspaceOverlap.OfVariance(subspace, other, covariance)))];
            return new SubspaceStability(overlaps.Average(), overlaps.Average(overlap => overlap >= LeastOverlap ? 1.0 : 0));
        })];
}
