namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>A subspace that was found.</summary>
/// <param name="Size">Dimensions.</param>
/// <param name="Variance">Variance of the activations in it.</param>
/// <param name="Cohesion">How much the parts of its best cut tell about each other; not a number for a single direction.</param>
/// <param name="IsLoose">Whether nothing holds it together: Gaussian directions, and small groups whose parts tell nothing about each other.</param>
public sealed record FoundSubspace(int Size, double Variance, double Cohesion, bool IsLoose)
{
    /// <summary>
    /// Dependent or correlated variables lie in subspaces that are not orthogonal. Share of the variance of what varies independently of the other
    /// subspaces here, <c>Σ_i = C^½ U_i U_iᵀ C^½</c> with U_i found in whitened activations, that the orthogonal subspace holds; 1 when nothing is oblique.
    /// </summary>
    public double Kept { get; init; } = 1;

    /// <summary>Whether it is found again on other rows, or null where that was not tried.</summary>
    public SubspaceStability? Stability { get; init; }
}

/// <summary>What discovery found in a word.</summary>
public enum DiscoveryOutcome
{
    /// <summary>Nothing has structure: the activations are Gaussian as far as can be seen.</summary>
    Nothing,

    /// <summary>There is structure, and no cut separates it: all directions are one subspace.</summary>
    OneBlock,

    /// <summary>There are subspaces.</summary>
    Subspaces,
}

/// <summary>What discovery found. Owns the rotation and disposes it.</summary>
/// <param name="Rotation">Columns grouped by subspace, constant directions in the last. [d_model, d_model], float32</param>
/// <param name="Subspaces">The subspaces: those that hold together by falling variance, then what is loose.</param>
/// <param name="Tree">Every cut that was tried, with its verdict. Columns are those of whitened activations without constant directions.</param>
/// <param name="Dependence">q of each pair of subspaces as they are in <paramref name="Rotation"/>; the diagonal is not a number. [subspace, subspace]</param>
/// <param name="Rows">Rows that were used.</param>
/// <param name="SetAside">Rows that lay too far from all others and were not.</param>
/// <param name="Constant">Directions in which nothing varies.</param>
public sealed record DiscoveryResult(Tensor Rotation, IReadOnlyList<FoundSubspace> Subspaces, SplitNode Tree, double[,] Dependence, long Rows, long SetAside, int Constant) : IDisposable
{
    /// <summary>How many subspaces every replicate on half of the rows found.</summary>
    public IReadOnlyList<int> ReplicateCounts { get; init; } = [];

    /// <summary>The same in a word.</summary>
    public DiscoveryOutcome Outcome => Subspaces.All(subspace => subspace.IsLoose) ? DiscoveryOutcome.Nothing
        : Subspaces.Count == 1 ? DiscoveryOutcome.OneBlock
        : DiscoveryOutcome.Subspaces;

    /// <summary>Columns of each subspace. [d_model, size] each, views of <see cref="Rotation"/></summary>
    public IReadOnlyList<Tensor> Bases() => Rotation.split([.. Subspaces.Select(subspace => (long)subspace.Size)], dim: 1);

    /// <inheritdoc/>
    public void Dispose() => Rotation.Dispose();
}

/// <summary>What discovery reports on the way: a group of directions that was looked into.</summary>
/// <param name="Pass">First all rows, then one pass for each replicate on half of them; from 1 on.</param>
/// <param name="Passes">Passes in all.</param>
/// <param name="Node">The group, without verdict as yet.</param>
public sealed record DiscoveryProgress(int Pass, int Passes, SplitNode Node)
{
    /// <summary>The group and its best cut.</summary>
    public override string ToString() => Node.Best is { } best
        ? FormattableString.Invariant($"{Node.Size} directions: {best.Sizes.First} | {best.Sizes.Second} share {best.Dependence.Share:0.000}")
        : FormattableString.Invariant($"{Node.Size} directions");
}
