namespace SubspaceCircuits.Circuits.Labels;

/// <summary>A token and how far it lies along a direction.</summary>
public sealed record TokenValue(int Token, double Value);

/// <summary>A direction of a subspace and the tokens at its ends.</summary>
/// <param name="Share">Share of the energy of the subspace's block that lies along it.</param>
/// <param name="Low">Tokens of the least values, the least first.</param>
/// <param name="High">Tokens of the greatest values, the greatest first.</param>
public sealed record TokenDirection(double Share, IReadOnlyList<TokenValue> Low, IReadOnlyList<TokenValue> High);

/// <summary>
/// Tokens that a subspace is about, by the ends of the stream: leading directions of <c>W_E R_i</c>, what embeddings put into it, and of <c>R_iᵀ N W_U</c>, what logits
/// read of it; both less their means over tokens. The sign of a direction has no meaning, but both ends of it belong together.
/// </summary>
/// <param name="Subspace">Id of the subspace.</param>
/// <param name="EmbeddingShare">Share of the subspace in the energy of the embedding.</param>
/// <param name="Embedding">Directions along which embeddings differ in it, the greatest first; those of next to no energy are left out.</param>
/// <param name="UnembeddingShare">Share of the subspace in the energy of the unembedding.</param>
/// <param name="Unembedding">Directions that logits read of it.</param>
public sealed record SubspaceTokens(string Subspace, double EmbeddingShare, IReadOnlyList<TokenDirection> Embedding, double UnembeddingShare, IReadOnlyList<TokenDirection> Unembedding)
{
    private const double LeastShare = 1e-9;

    /// <summary>The tokens of all subspaces of a site. What is read of a site before the last is what the logits see of it directly.</summary>
    /// <param name="model">Model and partitions.</param>
    /// <param name="site">Index of the site.</param>
    /// <param name="directions">Directions of each subspace at most, at least 1.</param>
    /// <param name="tokens">Tokens at each end, at least 1.</param>
    public static IReadOnlyList<SubspaceTokens> Of(PartitionedModel model, int site, int directions = 3, int tokens = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(directions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var partition = model.Partitions[site];
        using var map = new ReadMap(model.Weights.LnFinal, model.Weights.Config.Epsilon, model.Last);
        var embedding = Ends(model.Weights.WE.to(float64).matmul(partition.R.to(float64)));           // [vocab, d_model]
        var unembedding = Ends(map.Rotated(partition, model.Weights.WU).T);                            // [vocab_out, d_model]
        return [.. Enumerable.Range(0, partition.Count).Select(unit => new SubspaceTokens(Circuit.Id(partition.Site!.Value, unit), embedding[unit].Share, embedding[unit].Directions, unembedding[unit].Share, unembedding[unit].Directions))];

        (double Share, IReadOnlyList<TokenDirection> Directions)[] Ends(Tensor rows)
        {
            var centred = rows - rows.mean([0], keepdim: true);
            var all = centred.square().sum().item<double>();
            return [.. centred.split([.. partition.Sizes.Select(size => (long)size)], dim: 1).Select(block =>
            {
                var energy = block.square().sum().item<double>();
                return (all > 0 ? energy / all : 0, energy > LeastShare * all ? Directions(block, energy) : []);
            })];
        }

        IReadOnlyList<TokenDirection> Directions(Tensor block, double energy)
        {
            var (u, singular, _) = linalg.svd(block, fullMatrices: false);
            double[] sizes = [.. singular.data<double>()];
            return [.. Enumerable.Range(0, Math.Min(directions, sizes.Length)).Where(at => sizes[at] * sizes[at] > LeastShare * energy).Select(at =>
            {
                TokenValue[] values = [.. (u.select(1, at) * sizes[at]).contiguous().data<double>().ToArray().Index().Select(entry => new TokenValue(entry.Index, entry.Item)).OrderBy(entry => entry.Value)];
                return new TokenDirection(sizes[at] * sizes[at] / energy, [.. values.Take(tokens)], [.. values.OrderByDescending(entry => entry.Value).Take(tokens)]);
            })];
        }
    }
}
