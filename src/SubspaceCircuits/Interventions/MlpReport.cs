using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Mlps;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions;

/// <summary>What an MLP writes into a subspace, by order: how far its edges, which are of first order, tell it.</summary>
/// <param name="Target">Id of the subspace.</param>
/// <param name="VarianceShare">Share of the variance that the MLP writes at the site.</param>
/// <param name="Orders">Shares by order for Gaussian activations with the moments of the partition.</param>
/// <param name="Linear">Share of the measured variance that the first order explains; can be negative.</param>
/// <param name="Quadratic">The same for the first two orders.</param>
/// <param name="SteinError">How far the measured covariance of input and output is from <c>Σ J</c>, as a share: 0 for Gaussian activations.</param>
/// <param name="SobolTotal">Total indices of all sources, added up: 1 where sources add up, more where they are multiplied.</param>
/// <param name="Sources">Total Sobol index of every source that has one of at least .01, by its id.</param>
public sealed record MlpTargetReport(string Target, double VarianceShare, OrderShares Orders, double Linear, double Quadratic, double SteinError, double SobolTotal, IReadOnlyDictionary<string, double> Sources);

/// <summary>One MLP of a model.</summary>
/// <param name="Mlp">Its id.</param>
/// <param name="Targets">Every subspace that it writes.</param>
public sealed record MlpReport(string Mlp, IReadOnlyList<MlpTargetReport> Targets)
{
    private const int Rows = 2048;
    private const double LeastIndex = .01;

    /// <summary>Mean over what it writes, by variance.</summary>
    public double Mean(Func<MlpTargetReport, double> of) => Targets.Sum(target => target.VarianceShare * of(target));

    /// <summary>Every MLP of a model, on activations of its own runs.</summary>
    /// <param name="model">Model and partitions.</param>
    /// <param name="samples">What it is run on.</param>
    /// <param name="seed">Seed of what is drawn.</param>
    /// <param name="cancellation">Checked before every MLP.</param>
    public static IReadOnlyList<MlpReport> All(PartitionedModel model, GatedSamples samples, int seed, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        return [.. Enumerable.Range(0, model.Weights.Config.IsAttentionOnly ? 0 : model.Weights.Config.NLayers).Select(layer =>
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            return Of(model, layer, Activations(model, layer, samples), generator);
        })];
    }

    private static MlpReport Of(PartitionedModel model, int layer, Tensor activations, Generator generator)
    {
        var (read, write) = model.AroundMlp(layer);
        var block = model.Weights.Blocks[layer];
        using var map = new ReadMap(block.Ln2, model.Weights.Config.Epsilon, read);
        var orders = MlpOrders.Of(read, write, map, block.Mlp!, model.Weights.Config.Activation, generator);
        var measured = MlpInteractions.Of(model, layer, activations, generator);
        var all = measured.Sobol.Variance.Sum();
        string Id(Subspaces.Partition site, int unit) => Circuit.Id(site.Site!.Value, unit);
        return new MlpReport(Circuit.MlpId(layer), [.. Enumerable.Range(0, write.Count).Select(target =>
        {
            double[] total = [.. Enumerable.Range(0, read.Count).Select(source => measured.Sobol.Total[source, target])];
            return new MlpTargetReport(Id(write, target), all > 0 ? measured.Sobol.Variance[target] / all : 0, orders.Shares(target), measured.Linear[target], measured.Quadratic[target], measured.SteinError[target],
                total.Sum(), total.Select((index, source) => (Id: Id(read, source), Index: index)).Where(source => source.Index >= LeastIndex).ToDictionary(source => source.Id, source => source.Index));
        })]);
    }

    /// <summary>Activations of the site that an MLP reads, at tokens only, spread over the samples. [row, d_model]</summary>
    private static Tensor Activations(PartitionedModel model, int layer, GatedSamples samples)
    {
        var point = model.AroundMlp(layer).Read.Site!.Value.HookPoint;
        List<Tensor> rows = [];
        foreach (var part in samples.Batches)
        {
            using var hooks = new Hooks(point);
            Transformer.Forward(model.Weights, part.Batch.Tokens, hooks: hooks, stopAtLayer: layer + 1);
            rows.AddRange(part.Batch.Samples.Select((sample, at) => hooks[point][at].narrow(0, 0, sample.Tokens.Length)));
        }

        var together = cat([.. rows], dim: 0);
        var step = (together.shape[0] + Rows - 1) / Rows;
        return together.index_select(0, arange(0, together.shape[0], step, device: together.device));
    }
}
