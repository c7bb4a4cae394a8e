using SubspaceCircuits.Interventions.Norms;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Tests.Circuits;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Interventions.Norms;

public sealed class NormReportTests
{
    private static readonly UniqueTokenPattern Task = new();
    private static readonly NormSettings Settings = new() { Samples = 30, From = 2, To = 6, LearningSteps = 0, Seed = 3 };

    [Fact]
    public void A_model_whose_sigma_is_constant_pays_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        using var weights = model.Weights.To(float64);
        // Embeddings of as many +2 as −2, nothing from positions, and blocks that write nothing: σ² is 4 everywhere.
        weights.WE.copy_(tensor(new double[] { 2, -2 }).repeat(5).roll(1) * (2 * randint(2, [weights.WE.shape[0], 1], dtype: float64, generator: new Generator(1)) - 1));
        weights.WPos.zero_();
        foreach (var block in weights.Blocks)
        {
            foreach (var written in new[] { block.Attention.WO, block.Attention.BO, block.Mlp!.WOut, block.Mlp.BOut })
                written.zero_();
        }

        var report = NormReport.Of(weights, Task, Settings, TestContext.Current.CancellationToken);

        Assert.Equal(5, report.Readers.Count);
        foreach (var price in report.Readers.SelectMany(reader => new[] { reader.Constant, reader.PerClass }).Append(report.OfMoments).Append(report.Constant).Append(report.PerClass))
        {
            Near.Equal(0, price.Kl, 1e-12);
            Assert.Equal((1, report.ModelTaskAccuracy), (price.MatchAccuracy, price.TaskAccuracy));
        }

        Assert.All(report.Readers, reader => Near.Equal(1 / Math.Sqrt(4 + weights.Config.Epsilon), reader.Spread.Mean, 1e-12));
        Assert.All(report.Readers, reader => Assert.InRange(reader.Spread.Variation, 0, 1e-7));
    }

    [Fact]
    public void A_model_without_norms_pays_nothing_and_has_no_readers()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting(Normalization.None);

        var report = NormReport.Of(model.Weights, Task, Settings with { LearningSteps = 2 }, TestContext.Current.CancellationToken);

        Assert.Empty(report.Readers);
        Assert.Equal(new NormPrice(0, 1, report.ModelTaskAccuracy), report.Constant);
        Assert.Equal(report.Constant, report.Learned);
    }

    [Fact]
    public void Spread_is_that_of_the_tokens_without_padding()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        var samples = TaskBatch.Draw(Task, 2, 9, 12, new Random(5));

        var spreads = NormSpread.Of(model.Weights, Task, samples, PositionClasses.FirstAndRest, TestContext.Current.CancellationToken);

        // One sequence at a time, nothing padded, σ from the stream itself.
        List<double> first = [], rest = [];
        foreach (var sample in samples)
        {
            using var hooks = new Hooks(HookPoint.ResidMid(1));
            Transformer.Forward(model.Weights, tensor(sample.Tokens.Select(token => (long)token).ToArray()).unsqueeze(0), hooks: hooks);
            double[] inverse = [.. (1 / (hooks[HookPoint.ResidMid(1)][0].to(float64).var(1, unbiased: false) + model.Weights.Config.Epsilon).sqrt()).data<double>()];
            first.Add(inverse[0]);
            rest.AddRange(inverse[1..]);
        }

        static double Variation(IReadOnlyCollection<double> values) => Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2))) / values.Average();
        var spread = spreads[NormReader.All(model.Weights.Config).Single(reader => reader.Name == "blocks.1.ln2")];
        Near.Equal(first.Average(), spread.ClassMeans[0], 1e-6);
        Near.Equal(rest.Average(), spread.ClassMeans[1], 1e-6);
        Near.Equal(first.Concat(rest).Average(), spread.Mean, 1e-6);
        Near.Equal(Variation([.. first, .. rest]), spread.Variation, 1e-6);
        Near.Equal(Variation(rest), spread.ClassVariations[1], 1e-6);
        Near.Equal(1 / Math.Sqrt(first.Concat(rest).Average(value => 1 / (value * value))), spread.OfMoments, 1e-6);
    }

    [Fact]
    public void Learned_constants_cost_no_more_than_given_ones_where_they_are_learned()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        var samples = TaskBatch.Draw(Task, 2, 9, 30, new Random(7));
        var spreads = NormSpread.Of(model.Weights, Task, samples, PositionClasses.FirstAndRest, TestContext.Current.CancellationToken);
        NormConstants[] starts = [NormConstants.PerClass(spreads, PositionClasses.FirstAndRest), NormConstants.OfMoments(spreads, PositionClasses.FirstAndRest)];
        NormConstants Learn(int steps, double rate) => NormLearning.Fit(model.Weights, Task, samples, starts, steps, rate, TestContext.Current.CancellationToken);

        var learned = Learn(40, 0.02);

        var prices = NormPrice.Of(model.Weights, Task, samples, [.. starts, learned], TestContext.Current.CancellationToken).Prices;
        Assert.All(prices.Take(2), price => Assert.InRange(price.Kl, 1e-4, 1));
        Assert.InRange(prices[2].Kl, 0, 0.95 * Math.Min(prices[0].Kl, prices[1].Kl));
        Assert.Equal(learned.InverseScales.SelectMany(pair => pair.Value), Learn(40, 0.02).InverseScales.SelectMany(pair => pair.Value));
        Assert.Equal(starts[prices[0].Kl < prices[1].Kl ? 0 : 1], Learn(1, 50)); // a step far too long
    }

    [Fact]
    public void The_price_is_the_divergence_from_the_model()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        var sample = TaskBatch.Draw(Task, 6, 6, 1, new Random(9));
        var constants = NormConstants.PerReader(NormSpread.Of(model.Weights, Task, sample, PositionClasses.One, TestContext.Current.CancellationToken));
        var reader = constants.InverseScales.Keys.Last(); // ln_final: logits are those of the last stream over its constant

        var (_, prices) = NormPrice.Of(model.Weights, Task, sample, [constants.Only(reader)], TestContext.Current.CancellationToken);

        var tokens = tensor(sample[0].Tokens.Select(token => (long)token).ToArray()).unsqueeze(0);
        var last = Transformer.Forward(model.Weights, tokens, stopAtLayer: 2)[0];
        var read = (last - last.mean([1], keepdim: true)) * constants.InverseScales[reader][0] * model.Weights.LnFinal!.W + model.Weights.LnFinal.B;
        Tensor p = Transformer.Forward(model.Weights, tokens)[0].softmax(-1), q = (read.matmul(model.Weights.WU) + model.Weights.BU).softmax(-1);
        var divergences = (p * (p / q).log()).sum(dim: -1).data<float>().ToArray();
        Near.Equal(divergences.Where((_, position) => sample[0].IsScored(position)).Average(), prices[0].Kl, 1e-6);
        Assert.True(prices[0].Kl > 1e-4);
    }

    /// <summary>Coefficients of variation known from an independent measurement: .08 in the first layer to .42 before the last MLP, at lengths 1 to 50.</summary>
    [Fact]
    public void A_copying_model_hardly_needs_its_norms()
    {
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Read(SharedData.PathOrSkip("models/unique_copy-@2l1h64d3lr01drop"));

        var report = NormReport.Of(model.Weights, TaskRegistry.FromModelName(model.Name)!, new() { Samples = 100, LearningSteps = 0 }, TestContext.Current.CancellationToken);

        Near.Equal(0.08, report.Readers[0].Spread.Variation, 0.01);
        Near.Equal(0.42, report.Readers[3].Spread.Variation, 0.03);
        Assert.InRange(report.Constant.MatchAccuracy, 0.97, 1);
        Assert.InRange(report.Constant.Kl, 0, 0.01);
        Near.Equal(0, report.Readers[3].Constant.Kl, 1e-4); // copying is done by attention: what varies most matters least
    }

    private static RandomModel Fitting(Normalization normalization = Normalization.LayerNorm) =>
        new(RandomModel.WithMlps(Activation.Gelu, normalization) with { DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx }, 5);
}
