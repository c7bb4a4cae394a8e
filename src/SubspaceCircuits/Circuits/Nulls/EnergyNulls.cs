using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>
/// How the energy of every block lies to what a random partition of the same sizes would give it: exact means and variances, no sampling. Chance is one and the
/// same everywhere, a Haar rotation of the partition at each site, independent between sites, that keeps the mean direction where the map is blind to it (behind a LayerNorm).
/// </summary>
/// <remarks>
/// Which closed form that is: query and key read one site, so one rotation acts at both ends (<see cref="SameRotationNull"/>); OV and MLP go from one site to another, so
/// two do; of a passthrough only the relative rotation matters, and the ends of the stream have one. In wide models deviations are tiny and nearly every trained weight
/// is many of them off: z tells that something is not chance, the share of the energy tells how much it is.
/// </remarks>
public static class EnergyNulls
{
    /// <summary>Of heads' scores.</summary>
    /// <param name="read">Partition at the site they read.</param>
    /// <param name="map">What they see of it.</param>
    /// <param name="attention">Weights of their layer.</param>
    /// <param name="energies"><see cref="QkBlocks.Energy"/> of every head of the layer.</param>
    /// <returns>Of every head. [subspace_query, subspace_key]</returns>
    public static NullScore[][,] OfQk(Partition read, ReadMap map, AttentionWeights attention, IReadOnlyList<double[,]> energies)
    {
        var chance = new SameRotationNull(read, map.IsCentred);
        return [.. energies.Select((energy, head) =>
        {
            using var scope = NewDisposeScope();
            var form = FactoredMap.Qk(map, attention, head);
            var moments = chance.Of(form.Left, form.Right);
            return NullScore.Of(energy, (i, j) => moments[i, j]);
        })];
    }

    /// <summary>Of what a head moves.</summary>
    /// <param name="read">Partition at the site it reads.</param>
    /// <param name="write">Partition at the site it writes.</param>
    /// <param name="map">What it sees of the read site.</param>
    /// <param name="attention">Weights of its layer.</param>
    /// <param name="head">Which head.</param>
    /// <param name="energy"><see cref="Blocks.Energy"/> of it.</param>
    /// <returns>[subspace_read, subspace_write]</returns>
    public static NullScore[,] OfOv(Partition read, Partition write, ReadMap map, AttentionWeights attention, int head, double[,] energy)
    {
        using var scope = NewDisposeScope();
        return OfMap(FactoredMap.Ov(map, attention, head), read, write, energy);
    }

    /// <summary>Of the blocks of any map through few dimensions.</summary>
    /// <param name="map">The map.</param>
    /// <param name="read">Partition at its left end.</param>
    /// <param name="write">Partition at its right end; of no meaning where both ends are in one site.</param>
    /// <param name="energy"><see cref="FactoredMap.Energies"/> of it.</param>
    /// <returns>[subspace_read, subspace_write]</returns>
    /// <exception cref="ArgumentException">A map within a site is centred at one end only.</exception>
    public static NullScore[,] OfMap(FactoredMap map, Partition read, Partition write, double[,] energy)
    {
        if (map.IsWithinSite)
        {
            if (map.IsLeftCentred != map.IsRightCentred)
                throw new ArgumentException("A map within a site should be centred at both ends or at none.");
            var moments = new SameRotationNull(read, map.IsLeftCentred).Of(map.Left, map.Right);
            return NullScore.Of(energy, (i, j) => moments[i, j]);
        }

        var whole = map.Moments();
        var (reads, writes) = (GramMoments.OfSubspaces(read, map.IsLeftCentred), GramMoments.OfSubspaces(write, map.IsRightCentred));
        return NullScore.Of(energy, (j, k) => HaarNull.TwoSided(reads[j], whole, writes[k], Freedom(read, map.IsLeftCentred), Freedom(write, map.IsRightCentred)));
    }

    /// <summary>Of the ways through an MLP's neurons.</summary>
    /// <param name="read">Partition at the site it reads.</param>
    /// <param name="write">Partition at the site it writes.</param>
    /// <param name="map">What it sees of the read site.</param>
    /// <param name="mlp">Weights.</param>
    /// <param name="energy"><see cref="Blocks.Energy"/> of it.</param>
    /// <returns>[subspace_read, subspace_write]</returns>
    public static NullScore[,] OfMlp(Partition read, Partition write, ReadMap map, MlpWeights mlp, double[,] energy)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var ways = NeuronWays.Of(map.Matrix.matmul(mlp.WIn.to(float64)), mlp.WOut);
        var (reads, writes) = (GramMoments.OfSubspaces(read, map.IsCentred), GramMoments.OfSubspaces(write, false));
        return NullScore.Of(energy, (i, k) => HaarNull.Neurons(reads[i], ways, writes[k], Freedom(read, map.IsCentred), Freedom(write, false)));
    }

    /// <summary>Of the stream itself, between two partitions.</summary>
    /// <param name="read">Partition at the earlier site.</param>
    /// <param name="write">Partition at the later site.</param>
    /// <param name="energy"><see cref="Blocks.Energy"/> of the passthrough.</param>
    /// <returns>[subspace_read, subspace_write]</returns>
    public static NullScore[,] OfPassthrough(Partition read, Partition write, double[,] energy) =>
        NullScore.Of(energy, (i, k) => HaarNull.OneSided(GramMoments.OfProjector(read.Sizes[i]), GramMoments.OfProjector(write.Sizes[k]), Freedom(read, false)));

    /// <summary>Of the rows of an embedding, less their mean.</summary>
    /// <param name="table">Token or position embedding. [row, d_model]</param>
    /// <param name="write">Partition at the first site.</param>
    /// <param name="energy">Energies of <see cref="EndBlocks.Embedding"/>.</param>
    /// <returns>[subspace]</returns>
    public static NullScore[] OfEmbedding(Tensor table, Partition write, double[] energy)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return OfGram(EndBlocks.EmbeddingGram(table), write, false, energy);
    }

    /// <summary>Of the logits' reading of the last site, less the mean over the vocabulary.</summary>
    /// <param name="read">Partition at the last site.</param>
    /// <param name="map">What the unembedding sees of it.</param>
    /// <param name="wU">Unembedding. [d_model, vocab]</param>
    /// <param name="energy">Energies of <see cref="EndBlocks.Unembedding"/>.</param>
    /// <returns>[subspace]</returns>
    public static NullScore[] OfUnembedding(Partition read, ReadMap map, Tensor wU, double[] energy)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return OfGram(map.Matrix.matmul(EndBlocks.UnembeddingGram(wU)).matmul(map.Matrix.T), read, map.IsCentred, energy);
    }

    private static NullScore[] OfGram(Tensor gram, Partition site, bool isCentred, double[] energy)
    {
        var whole = GramMoments.Of(gram);
        return [.. GramMoments.OfSubspaces(site, isCentred).Zip(energy, (subspace, value) => NullScore.Of(value, HaarNull.OneSided(subspace, whole, Freedom(site, isCentred))))];
    }

    /// <summary>Dimensions that chance rotates.</summary>
    private static int Freedom(Partition site, bool isCentred) => site.Sizes.Sum() - (isCentred ? 1 : 0);
}
