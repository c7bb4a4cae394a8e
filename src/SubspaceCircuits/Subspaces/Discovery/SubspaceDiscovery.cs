namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>A subspace that was found.</summary>
/// <param name="Size">Dimensions.</param>
/// <param name="Variance">Variance of the activations in it.</param>
/// <param name="Cohesion">How much the parts of its best cut tell about each other; not a number for a single direction.</param>
/// <param name="IsLoose">Whether its parts tell nothing about each other: directions without structure, which are kept together since nothing holds any of them.</param>
public sealed record FoundSubspace(int Size, double Variance, double Cohesion, bool IsLoose);

/// <summary>What discovery found. Owns the rotation and disposes it.</summary>
/// <param name="Rotation">Columns grouped by subspace, constant directions in the last. [d_model, d_model], float32</param>
/// <param name="Subspaces">The subspaces: those that hold together by falling variance, then what is loose.</param>
/// <param name="Tree">Every cut that was tried, with its verdict.</param>
/// <param name="Rows">Rows that were used.</param>
/// <param name="SetAside">Rows that lay too far from all others and were not.</param>
/// <param name="Constant">Directions in which nothing varies.</param>
public sealed record DiscoveryResult(Tensor Rotation, IReadOnlyList<FoundSubspace> Subspaces, SplitNode Tree, long Rows, long SetAside, int Constant) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Rotation.Dispose();
}

/// <summary>Finds subspaces, and how many there are: clean, whiten, cut in two as long as the parts tell little about each other, decide from the leaves up, refine.</summary>
public static class SubspaceDiscovery
{
    /// <summary>Runs discovery.</summary>
    /// <param name="activations">[row, d_model], in storage type.</param>
    /// <param name="settings">What proposes, measures, decides and refines.</param>
    /// <param name="progress">Told of every group of directions that was looked into; may be null.</param>
    /// <param name="cancellation">Checked throughout.</param>
    /// <exception cref="ArgumentException">There are too few activations, or they are not finite.</exception>
    public static DiscoveryResult Run(Tensor activations, DiscoverySettings settings, IProgress<SplitNode>? progress = null, CancellationToken cancellation = default)
    {
        RequireUsable(activations);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)settings.Seed);
        using var cleaned = new CleanedActivations(activations, settings.WhiteningFloor);
        var constant = (int)activations.shape[1] - cleaned.Rank;
        if (cleaned.Rank == 0)
            throw new ArgumentException($"All {activations.shape[0]} activations are the same: there is nothing to find.");

        using var grown = new SplitSearch(settings, generator, progress, cancellation).Grow(cleaned.White);
        var tree = settings.Decision.Decide(grown.Root);
        var groups = Groups(tree, settings.Decision, cleaned.Raw.matmul(grown.Rotation).var(0).to(float64).data<double>().ToArray());
        int[] sizes = [.. groups.Select(group => group.Found.Size)];
        var rotation = grown.Rotation.index_select(1, tensor([.. groups.SelectMany(group => group.Columns)]));
        if (settings.Refinement is { } refinement && sizes.Length > 1)
            rotation = refinement.Refine(cleaned.Raw, rotation, sizes, generator, cancellation);

        var variances = cleaned.Raw.matmul(rotation).var(0).to(float64).split([.. sizes.Select(size => (long)size)], dim: 0);
        FoundSubspace[] found = [.. groups.Zip(variances, (group, part) => group.Found with { Variance = part.sum().item<double>() })];
        found[^1] = found[^1] with { Size = found[^1].Size + constant };
        var whole = cleaned.Basis.matmul(constant > 0 ? block_diag(rotation, eye(constant)) : rotation);
        return new DiscoveryResult(whole.DetachFromDisposeScope(), found, tree, activations.shape[0] - cleaned.SetAside, cleaned.SetAside, constant);
    }

    private static (FoundSubspace Found, long[] Columns)[] Groups(SplitNode tree, ISplitDecision decision, double[] variances)
    {
        static long[] Columns(SplitNode leaf) => [.. Enumerable.Range(leaf.Start, leaf.Size).Select(column => (long)column)];
        double Variance(IEnumerable<long> columns) => columns.Sum(column => variances[column]);
        bool IsLoose(SplitNode leaf) => leaf.Best is { } best && best.Dependence.Share < decision.LeastDependence;
        var leaves = tree.Leaves().ToLookup(IsLoose);
        var groups = leaves[false].Select(leaf => (new FoundSubspace(leaf.Size, Variance(Columns(leaf)), leaf.Best?.Dependence.Share ?? double.NaN, false), Columns(leaf)))
            .OrderByDescending(group => group.Item1.Variance).ToList();
        long[] loose = [.. leaves[true].SelectMany(Columns)];
        if (loose.Length > 0)
            groups.Add((new FoundSubspace(loose.Length, Variance(loose), leaves[true].Max(leaf => leaf.Best!.Dependence.Share), true), loose));
        return [.. groups];
    }

    private static void RequireUsable(Tensor activations)
    {
        const int LeastRows = 1000;
        if (activations.dim() != 2 || activations.shape[0] < LeastRows)
            throw new ArgumentException($"Discovery needs at least {LeastRows} activations [row, d_model], but there are [{string.Join(", ", activations.shape)}].");
        if (!activations.isfinite().all().item<bool>())
            throw new ArgumentException("The activations hold values that are not finite. Look for overflow in half precision or a damaged file.");
    }
}
