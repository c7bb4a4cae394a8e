using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Interventions;

/// <summary>How much a choice by variance depends on the samples that moments are taken from.</summary>
internal static class MomentStability
{
    /// <summary>
    /// Mean Jaccard index of the edges chosen with the moments of bootstrap samples and with those of all of these samples, at the coverage of the circuit.
    /// </summary>
    public static double OfCoverage(PartitionedModel model, GatedSamples samples, ValidationSettings settings)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var sums = Sums(model, samples);
        return BootstrapStability.Of(samples.Count, Choose, settings.Bootstraps, new Random(settings.Seed));

        IReadOnlySet<(EdgeKind, string?, string, string)> Choose(int[] counts)
        {
            using var inner = NewDisposeScope();
            var weights = tensor(counts.Select(count => (double)count).ToArray(), device: model.Weights.WE.device);
            Partition[] partitions = [.. model.Partitions.Zip(sums, (site, of) => of.Weighted(site, weights))];
            var chosen = CircuitSelection.ByCoverage(CircuitBuilder.Candidates(new PartitionedModel(model.Weights, partitions)), settings.Coverage);
            foreach (var partition in partitions)
                partition.Dispose();
            return chosen.Kept.Select(edge => edge.Place).ToHashSet();
        }
    }

    /// <summary>Sums over the tokens of every sample at one site.</summary>
    /// <param name="Tokens">How many. [sample]</param>
    /// <param name="First">Σ x. [sample, d_model]</param>
    /// <param name="Second">Σ xᵀx. [sample, d_model, d_model]</param>
    private sealed record SiteSums(Tensor Tokens, Tensor First, Tensor Second)
    {
        public Partition Weighted(Partition site, Tensor weights)
        {
            using var scope = NewDisposeScope();
            var count = weights.dot(Tokens);
            var mean = weights.matmul(First) / count;
            var covariance = weights.matmul(Second.flatten(1)).reshape(mean.shape[0], -1) / count - mean.outer(mean);
            return new Partition(site.Site, site.R.clone(), site.Sizes, mean.to(site.Mean.dtype), covariance.to(site.Covariance.dtype));
        }
    }

    private static SiteSums[] Sums(PartitionedModel model, GatedSamples samples)
    {
        List<SiteSums>[] parts = [.. model.Partitions.Select(_ => new List<SiteSums>())];
        foreach (var part in samples.Batches)
        {
            using var hooks = new Hooks([.. model.Sites.Select(site => site.HookPoint)]);
            using var scope = NewDisposeScope();
            Transformer.Forward(model.Weights, part.Batch.Tokens, hooks: hooks, stopAtLayer: model.Weights.Config.NLayers);
            var isToken = part.Batch.IsToken();                                                           // [batch, pos]
            var tokens = isToken.sum(dim: 1);
            for (var site = 0; site < parts.Length; site++)
            {
                var x = hooks[model.Sites[site].HookPoint].to(float64) * isToken.unsqueeze(-1);
                parts[site].Add(new SiteSums(tokens.clone().MoveToOuterDisposeScope(), x.sum(dim: 1).MoveToOuterDisposeScope(), x.transpose(1, 2).matmul(x).MoveToOuterDisposeScope()));
            }
        }

        return [.. parts.Select(batches => new SiteSums(cat([.. batches.Select(batch => batch.Tokens)], dim: 0), cat([.. batches.Select(batch => batch.First)], dim: 0), cat([.. batches.Select(batch => batch.Second)], dim: 0)))];
    }
}
