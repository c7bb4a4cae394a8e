using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.Circuits.Labels;
using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Tasks;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>What a head is found to do, in <c>roles.json</c>.</summary>
public sealed record RoleDocument(string Name, double Share, double Lead, double Null, double NullDeviation, string From, string To, double? Eigenvalues);

/// <summary>How few pairs of subspaces hold a head's energy, beside random partitions of the same sizes.</summary>
/// <param name="Gini">0 where all pairs have the same energy.</param>
/// <param name="InRandom">Mean over random partitions.</param>
/// <param name="Z">Distance in standard deviations of these.</param>
public sealed record ConcentrationDocument(double Gini, double InRandom, double Z)
{
    internal static ConcentrationDocument Of(EmpiricalScore score) => new(score.Observed, score.Mean, score.Z);
}

/// <summary>A head in <c>roles.json</c>.</summary>
public sealed record HeadRoleDocument(string Head, IReadOnlyList<RoleDocument> Roles, ConcentrationDocument Qk, ConcentrationDocument Ov);

/// <summary>Two heads that are alike or opposed, in <c>roles.json</c>.</summary>
public sealed record HeadPairDocument(string First, string Second, HeadPairVerdict Verdict, string Words, double QkCosine, double QkDistance, double OvCosine);

/// <summary>An edge that heads of a layer share, in <c>roles.json</c>.</summary>
public sealed record SharedEdgeDocument(string From, string To, double EffectiveHeads, double Cancellation, double CancellationDeviation, double EffectiveRank, double EffectiveMaps);

/// <summary>Tokens at both ends of a direction.</summary>
public sealed record DirectionDocument(double Share, IReadOnlyList<string> Low, IReadOnlyList<string> High);

/// <summary>A subspace by the ends of the stream, in <c>roles.json</c>.</summary>
public sealed record SubspaceEndsDocument(string Id, double MeanDirection, double EmbeddingShare, IReadOnlyList<DirectionDocument> Embedding, double UnembeddingShare, IReadOnlyList<DirectionDocument> Unembedding);

/// <summary>How well what a component writes fits what a reader reads, and through which subspaces, in <c>roles.json</c>.</summary>
public sealed record CompositionDocument(string Source, string Reader, double Score, IReadOnlyDictionary<string, double> Shares);

/// <summary><c>roles.json</c>: what heads and subspaces do, from weights and partitions alone.</summary>
public sealed record RolesDocument(string Schema, IReadOnlyList<HeadRoleDocument> Heads, IReadOnlyList<HeadPairDocument> Pairs, IReadOnlyList<SharedEdgeDocument> SharedEdges, IReadOnlyList<SubspaceEndsDocument> Subspaces, IReadOnlyList<CompositionDocument> Composition)
{
    private const int RandomPartitionsDrawn = 20, MostTokens = 400;
    private const double LeastShare = .01, LeastPart = .05;

    /// <summary>The document of a model.</summary>
    /// <param name="model">Model and partitions.</param>
    /// <param name="vocabulary">Names of its tokens.</param>
    /// <param name="areLogitsTokens">Whether logits are of the same tokens.</param>
    /// <param name="seed">Seed of the random partitions.</param>
    public static RolesDocument Of(PartitionedModel model, Vocabulary vocabulary, bool areLogitsTokens, int seed)
    {
        var layers = HeadsOfLayer.All(model);
        int[] tokens = [.. Enumerable.Range(0, Math.Min(vocabulary.TaskTokens, MostTokens))];
        // Of a single token nothing can be told.
        IReadOnlyList<HeadLabels> labels = tokens.Length > 1 ? HeadLabelling.Of(model, new HeadLabelSettings { Tokens = tokens, Bos = vocabulary.Bos, Logits = areLogitsTokens ? tokens : [.. tokens.Select(_ => -1)], Seed = seed })
            : [.. from layer in Enumerable.Range(0, model.Weights.Config.NLayers) from head in Enumerable.Range(0, model.Weights.Config.NHeads) select new HeadLabels(Circuit.HeadId(layer, head), [])];
        var concentrations = Concentrations(model, seed);
        string Token(TokenValue value) => value.Token < vocabulary.Tokens.Count ? vocabulary.Tokens[value.Token] : $"{value.Token}";
        DirectionDocument Direction(TokenDirection direction) => new(direction.Share, [.. direction.Low.Select(Token)], [.. direction.High.Select(Token)]);

        return new RolesDocument("subspace-circuits/roles/1",
            [.. labels.Zip(concentrations, (head, of) => new HeadRoleDocument(head.Head,
                [.. head.Labels.Select(label => new RoleDocument(label.Name, label.Share, label.Lead, label.Null, label.NullDeviation, label.From, label.To, label.Eigenvalues))], of.Qk, of.Ov))],
            [.. layers.SelectMany(layer => layer.Named).Select(pair => new HeadPairDocument(pair.First, pair.Second, pair.Verdict, pair.Words, pair.Qk.Cosine, pair.Qk.Distance, pair.Ov.Cosine))],
            [.. layers.SelectMany(layer => layer.Edges.Where(edge => edge.EffectiveHeads > 1 && edge.Energy >= LeastShare * layer.Edges.Sum(other => other.Energy)))
                .Select(edge => new SharedEdgeDocument(edge.Read, edge.Write, edge.EffectiveHeads, edge.Cancellation, edge.CancellationDeviation, edge.EffectiveRank, edge.EffectiveMaps))],
            [.. Enumerable.Range(0, model.Sites.Count).SelectMany(site => SubspaceTokens.Of(model, site).Zip(MeanDirection.Shares(model.Partitions[site]), (ends, mean) => new SubspaceEndsDocument(ends.Subspace, mean,
                ends.EmbeddingShare, [.. ends.Embedding.Select(Direction)],
                ends.UnembeddingShare, areLogitsTokens ? [.. ends.Unembedding.Select(Direction)] : [])))],
            [.. ComponentComposition.Of(model).Select(edge => new CompositionDocument(edge.Source, edge.Reader, edge.Score, edge.Shares.Where(share => Math.Abs(share.Value) >= LeastPart).ToDictionary()))]);
    }

    private static IEnumerable<(ConcentrationDocument Qk, ConcentrationDocument Ov)> Concentrations(PartitionedModel model, int seed)
    {
        using var generator = new Generator((ulong)seed);
        for (var layer = 0; layer < model.Weights.Config.NLayers; layer++)
        {
            using var scope = NewDisposeScope();
            var (read, write) = model.AroundAttention(layer);
            var block = model.Weights.Blocks[layer];
            using var map = new ReadMap(block.Ln1, model.Weights.Config.Epsilon, read);
            int[] heads = [.. Enumerable.Range(0, model.Weights.Config.NHeads)];
            var qk = RandomPartitions.ConcentrationOf([.. heads.Select(head => FactoredMap.Qk(map, block.Attention, head))], read, read, RandomPartitionsDrawn, generator);
            var ov = RandomPartitions.ConcentrationOf([.. heads.Select(head => FactoredMap.Ov(map, block.Attention, head))], read, write, RandomPartitionsDrawn, generator);
            foreach (var head in heads)
                yield return (ConcentrationDocument.Of(qk[head].Gini), ConcentrationDocument.Of(ov[head].Gini));
        }
    }
}
