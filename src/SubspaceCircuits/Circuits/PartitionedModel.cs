using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// A model with a partition at every site: attention and MLP each read the subspaces of one site and write those of the next.
/// Borrows weights and partitions.
/// </summary>
public sealed class PartitionedModel
{
    /// <summary>Pairs a model with its partitions.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="partitions">One partition for every site, in any order.</param>
    /// <exception cref="ArgumentException">A site has no partition, or one of another width.</exception>
    public PartitionedModel(Weights weights, IEnumerable<Partition> partitions)
    {
        Weights = weights;
        Sites = Site.All(weights.Config);
        var bySite = partitions.Where(partition => partition.Site is not null).ToDictionary(partition => partition.Site!.Value);
        if (Sites.FirstOrDefault(site => !bySite.ContainsKey(site), new Site(-1, SiteKind.Pre)) is { Layer: >= 0 } missing)
            throw new ArgumentException($"There is no partition for {missing}. A circuit needs one for each of {string.Join(", ", Sites)}.");
        Partitions = [.. Sites.Select(site => bySite[site])];
        foreach (var partition in Partitions)
            Partition.RequireCover(partition.Sizes, weights.Config.DModel);
    }

    /// <summary>The model.</summary>
    public Weights Weights { get; }

    /// <summary>Its sites, in the order of the computation.</summary>
    public IReadOnlyList<Site> Sites { get; }

    /// <summary>The partition of every site.</summary>
    public IReadOnlyList<Partition> Partitions { get; }

    /// <summary>Partitions that the attention of a layer reads and writes.</summary>
    public (Partition Read, Partition Write) AroundAttention(int layer) => Around(Weights.Config.IsAttentionOnly ? layer : 2 * layer);

    /// <summary>Partitions that the MLP of a layer reads and writes.</summary>
    public (Partition Read, Partition Write) AroundMlp(int layer) => Around(2 * layer + 1);

    /// <summary>Partition that the unembedding reads.</summary>
    public Partition Last => Partitions[^1];

    private (Partition, Partition) Around(int site) => (Partitions[site], Partitions[site + 1]);
}
