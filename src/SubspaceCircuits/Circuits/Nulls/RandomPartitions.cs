using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>Partitions that chance makes: the sizes and moments of one that was found, rotated at random.</summary>
public static class RandomPartitions
{
    /// <summary>The partition <c>U R</c> with U uniformly random, owned by the caller.</summary>
    /// <param name="partition">R, sizes and moments.</param>
    /// <param name="keepsMeanDirection">Whether U leaves the direction of equal coordinates as it is, of which a LayerNorm sees nothing.</param>
    /// <param name="generator">Chance.</param>
    public static Partition Draw(Partition partition, bool keepsMeanDirection, Generator generator)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var d = (int)partition.R.shape[0];
        var rotation = keepsMeanDirection ? KeepingMeanDirection(d, generator) : Rotation.Random(d, generator, float64);
        return new Partition(partition.Site, rotation.matmul(partition.R.to(float64)).to(partition.R.dtype), partition.Sizes, partition.Mean.clone(), partition.Covariance.clone());
    }

    /// <summary>
    /// How concentrated the energies of maps are, beside random partitions of the same sizes. Maps of one layer share the draws. For draws that keep the spectrum of Σ, too, give
    /// <see cref="FactoredMap.Whitened"/> maps.
    /// </summary>
    /// <param name="maps">Maps between the two partitions, all centred alike.</param>
    /// <param name="read">Partition at their left end.</param>
    /// <param name="write">Partition at their right end; the same where both ends are in one site.</param>
    /// <param name="draws">Random partitions, at least two.</param>
    /// <param name="generator">Chance.</param>
    /// <returns>Gini and effective pairs of every map.</returns>
    public static (EmpiricalScore Gini, EmpiricalScore EffectivePairs)[] ConcentrationOf(IReadOnlyList<FactoredMap> maps, Partition read, Partition write, int draws, Generator generator)
    {
        Concentration[] Of(Partition left, Partition right) => [.. maps.Select(map => Concentration.Of(map.Energies(left, right)))];
        var drawn = Enumerable.Range(0, draws).Select(_ =>
        {
            using var left = Draw(read, maps[0].IsLeftCentred, generator);
            if (maps[0].IsWithinSite)
                return Of(left, left);
            using var right = Draw(write, maps[0].IsRightCentred, generator);
            return Of(left, right);
        }).ToArray();
        return [.. Of(read, write).Select((observed, map) => (
            EmpiricalScore.Of(observed.Gini, [.. drawn.Select(draw => draw[map].Gini)]),
            EmpiricalScore.Of(observed.EffectivePairs, [.. drawn.Select(draw => draw[map].EffectivePairs)])))];
    }

    /// <summary><c>H (1 ⊕ V) H</c> with V random and H the reflection that swaps the first coordinate with the direction of equal ones, but for the sign.</summary>
    private static Tensor KeepingMeanDirection(int d, Generator generator)
    {
        var normal = ones(d, 1, dtype: float64) / Math.Sqrt(d) + eye(d, 1, dtype: float64);
        var reflection = eye(d, dtype: float64) - 2 * normal.matmul(normal.T) / normal.square().sum();
        return reflection.matmul(block_diag([ones(1, 1, dtype: float64), Rotation.Random(d - 1, generator, float64)])).matmul(reflection);
    }
}
