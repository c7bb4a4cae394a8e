using SubspaceCircuits.Scores.Measures;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Scores;

/// <summary>
/// Scores a predicted orthogonal partition of the residual stream against known subspaces. Bases count by what they span alone: rotations inside a
/// subspace and the order of the blocks change no figure. Float64 throughout.
/// </summary>
/// <remarks>
/// The contingency table for homogeneity and completeness gets one more row when the true subspaces do not span d_model: the rest, the complement of
/// their joint span. So a split rest lowers completeness, and a block that mixes rest and variable lowers homogeneity. The rest is assigned no block.
/// True subspaces may overlap each other; the table then holds more than d_model dimensions.
/// </remarks>
public static class SubspaceRecovery
{
    /// <summary>Dimensions by which the best union may be larger than the true subspace.</summary>
    public const int UnionSlack = 2;

    /// <inheritdoc cref="Of(IReadOnlyList{TrueSubspace}, IReadOnlyList{Tensor}, int, int, Tensor)"/>
    public static SubspaceRecoveryScores Of(IReadOnlyList<TrueSubspace> truth, Partition predicted, int rotations = 200, int seed = 0, Tensor? support = null)
    {
        using var scope = NewDisposeScope();
        return Of(truth, [.. Enumerable.Range(0, predicted.Count).Select(predicted.Basis)], rotations, seed, support);
    }

    /// <summary>Scores a prediction, and random rotations of blocks of the same sizes.</summary>
    /// <param name="truth">The true subspaces, at least one.</param>
    /// <param name="predicted">Bases of the blocks, orthogonal to each other; together they span d_model. [d_model, m_j] each</param>
    /// <param name="rotations">Random rotations for the chance level, at least 1.</param>
    /// <param name="seed">Seed of the rotations.</param>
    /// <param name="support">
    /// Orthonormal columns that hold all true subspaces: the directions in which activations vary. A block then counts by its dimensions inside it, <c>‖Sᵀ P_j‖²</c>, since
    /// to which block a direction goes in which nothing varies is chance; random rotations stay inside. Null for all directions. [d_model, dims]
    /// </param>
    /// <exception cref="ArgumentException">Shapes do not fit, names repeat, or the blocks are no orthogonal partition.</exception>
    public static SubspaceRecoveryScores Of(IReadOnlyList<TrueSubspace> truth, IReadOnlyList<Tensor> predicted, int rotations = 200, int seed = 0, Tensor? support = null)
    {
        Check(truth, rotations);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor[] bases = [.. truth.Select(subspace => ColumnSpan.Of(subspace.Basis, $"'{subspace.Name}'"))];
        var blocks = Blocks(predicted, bases[0].shape[0]);
        int[] sizes = Sizes(bases), blockSizes = Sizes(blocks);
        Tensor all = cat(bases, dim: 1), partition = cat(blocks, dim: 1); // [d_model, sum of k], [d_model, d_model]
        var span = ColumnSpan.Of(all, "all subspaces");                   // [d_model, rank]

        var inside = support ?? eye(all.shape[0], dtype: float64);
        double[] counted = support is null ? [.. blockSizes.Select(size => (double)size)] : OverlapTable.Within(inside, partition, blockSizes);
        var table = OverlapTable.Of(all, sizes, partition, blockSizes, counted);
        var matches = table.Matches();
        var score = table.Score(matches);
        var chance = ChanceLevel.Of(score, Random());
        double? adjusted = chance.Mean < 1 - 1e-12 ? (score - chance.Mean) / (1 - chance.Mean) : null;
        var clustering = VMeasure.Of(table.WithRest(OverlapTable.Within(span, partition, blockSizes)));
        return new SubspaceRecoveryScores(score, adjusted, chance, clustering, Variance.Captured(truth, matches, blocks),
            [.. truth.Select((subspace, i) => new SubspaceScores(subspace.Name, sizes[i], Match(i), Union(i)))], blockSizes, [.. sizes.Select((_, i) => table.Row(i))]);

        // To turn the true subspaces at random is to turn the blocks: the span goes to as many columns of a Haar matrix.
        double[] Random()
        {
            using var generator = new Generator((ulong)seed);
            var coordinates = span.T.matmul(all); // [rank, sum of k]
            return [.. Enumerable.Range(0, rotations).Select(_ =>
            {
                using var turn = NewDisposeScope();
                var turned = inside.matmul(Rotation.Orthogonalize(randn(inside.shape[1], span.shape[1], dtype: float64, generator: generator))).matmul(coordinates);
                var random = OverlapTable.Of(turned, sizes, partition, blockSizes, counted);
                return random.Score(random.Matches());
            })];
        }

        BestUnion Union(int i) => BestUnion.Of(table.Row(i), [.. counted.Select(size => (int)Math.Round(size))], sizes[i], sizes[i] + UnionSlack);

        BlockMatch? Match(int i)
        {
            if (matches[i] is not { } block)
                return null;
            var angles = PrincipalAngles.Of(bases[i], blocks[block]);
            var overlap = table[i, block];
            return new BlockMatch(block, overlap, overlap / sizes[i], counted[block] > 0 ? overlap / counted[block] : 0, table.IoU(i, block),
                angles[0], PrincipalAngles.GrassmannDistance(angles), Variance.Captured([truth[i]], [block], blocks));
        }
    }

    /// <summary>The blocks with orthonormal bases, made orthogonal to each other to the last digit.</summary>
    private static Tensor[] Blocks(IReadOnlyList<Tensor> predicted, long dModel)
    {
        Tensor[] spans = [.. predicted.Select((basis, j) => ColumnSpan.Of(basis, $"block {j}"))];
        if (spans.FirstOrDefault(span => span.shape[0] != dModel) is { } other)
            throw new ArgumentException($"A predicted block has {other.shape[0]} coordinates but the true subspaces have {dModel}.");
        Partition.RequireCover(Sizes(spans), dModel);
        var joint = cat(spans, dim: 1); // [d_model, d_model]
        var error = Rotation.OrthogonalityError(joint);
        if (!(error <= Partition.OrthogonalityTolerance))
            throw new ArgumentException($"The predicted blocks are not orthogonal: products of their columns differ from zero by up to {error:g3}; at most {Partition.OrthogonalityTolerance:g3} is accepted.");
        return Rotation.Nearest(joint).split([.. Sizes(spans).Select(size => (long)size)], dim: 1);
    }

    private static int[] Sizes(Tensor[] bases) => [.. bases.Select(basis => (int)basis.shape[1])];

    private static void Check(IReadOnlyList<TrueSubspace> truth, int rotations)
    {
        if (truth.Count == 0)
            throw new ArgumentException("There should be at least one true subspace.");
        if (rotations < 1)
            throw new ArgumentException($"Rotations ({rotations}) should be at least 1.");
        if (truth.GroupBy(subspace => subspace.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two true subspaces have the name '{twice.Key}'.");
        var dModel = truth[0].Basis.shape[0];
        foreach (var subspace in truth)
        {
            if (subspace.Basis.shape[0] != dModel)
                throw new ArgumentException($"The basis of '{subspace.Name}' should have {dModel} rows as that of '{truth[0].Name}' has, but has {subspace.Basis.shape[0]}.");
            if (subspace.Covariance is { } covariance && !covariance.shape.SequenceEqual([dModel, dModel]))
                throw new ArgumentException($"The covariance of '{subspace.Name}' should have shape [{dModel}, {dModel}], but has [{string.Join(", ", covariance.shape)}].");
        }
    }
}
