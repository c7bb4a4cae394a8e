using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Interventions.Attribution;
using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Tests.Circuits;

namespace SubspaceCircuits.Tests.Interventions;

/// <summary>Scores of edges that take runs, against their definitions on a small random model.</summary>
public sealed class AttributionTests
{
    private static readonly UniqueTokenPattern Task = new();

    [Fact]
    public void Effectiveness_is_the_fisher_form_of_the_first_order_change()
    {
        using var scope = NewDisposeScope();
        using var setup = new Setup(6);
        const int Draws = 600, Edge = 40;

        var rows = GateDerivatives.Effectiveness(setup.Gated, setup.Samples, Draws, 1, TestContext.Current.CancellationToken);

        // ½ Σ_pos Δᵀ (diag p − p pᵀ) Δ with Δ the derivative of the logits by the gate, by finite differences; positions that see the same edge are summed.
        var (sampled, exact) = (rows.Average(row => row[Edge]), Fisher(setup, Edge));
        Assert.True(exact > 1e-7, "The edge should matter.");
        Assert.InRange(sampled / exact, 0.85, 1.15);
    }

    [Fact]
    public void Effectiveness_is_the_divergence_of_a_small_change()
    {
        using var scope = NewDisposeScope();
        using var setup = new Setup(6);
        const int Edge = 40;
        const double Step = 0.02;
        var gates = ones(setup.Gated.EdgeCount, dtype: float64);
        gates[Edge] = 1 - Step;

        var divergence = Faithfulness.Of("nearly whole", setup.Gated, gates, setup.Samples, TestContext.Current.CancellationToken);

        var positions = setup.Samples.Batches.Sum(part => part.Scored.Sum());
        Assert.InRange(Fisher(setup, Edge) * setup.Samples.Count * Step * Step / (divergence.Kl * positions), 0.97, 1.03);
    }

    [Fact]
    public void The_effect_of_an_edge_is_the_divergence_of_the_model_without_it()
    {
        using var scope = NewDisposeScope();
        using var setup = new Setup(12);
        int[] edges = [3, 40, 77];

        var effects = EdgeEffects.Divergences(setup.Gated, setup.Samples, edges, TestContext.Current.CancellationToken);

        foreach (var (edge, effect) in edges.Zip(effects))
        {
            var gates = setup.Gated.GatesOf(setup.Candidates.Keep(other => !ReferenceEquals(other, setup.Candidates.Edges[edge])));
            Assert.Equal(Faithfulness.Of("without", setup.Gated, gates, setup.Samples, TestContext.Current.CancellationToken).Kl, effect, 12);
            Assert.True(effect > 0);
        }
    }

    [Fact]
    public void Attribution_is_the_derivative_of_the_likelihood_of_the_models_own_predictions()
    {
        using var scope = NewDisposeScope();
        using var setup = new Setup(4);
        const double Step = 1e-5;

        var rows = GateDerivatives.OfPredictions(setup.Gated, setup.Samples, cancellation: TestContext.Current.CancellationToken);

        for (var edge = 0; edge < setup.Gated.EdgeCount; edge += 17)
        {
            double Likelihood(double change)
            {
                var gates = ones(setup.Gated.EdgeCount, dtype: float64);
                gates[edge] = 1 + change;
                return setup.Samples.Batches.Sum(part => part.Sums(Task.Scoring().LogLikelihood(setup.Gated.Forward(part.Input(), gates), part.Whole.argmax(-1))).sum().item<double>());
            }

            Assert.Equal((Likelihood(Step) - Likelihood(-Step)) / (2 * Step), rows.Sum(row => row[edge]), 6);
        }
    }

    [Fact]
    public void Integrated_attributions_of_a_linear_path_add_up_to_the_change()
    {
        // Without norms, attention to uniform positions and no MLP, the logits are linear in the embeddings: the path integral of every gate into the first site is exact.
        using var scope = NewDisposeScope();
        using var setup = new Setup(4, linear: true);
        var embeds = Enumerable.Range(0, setup.Candidates.Edges.Count).Where(edge => setup.Candidates.Edges[edge].Kind is EdgeKind.Embed or EdgeKind.Pos).ToArray();

        var rows = GateDerivatives.OfPredictions(setup.Gated, setup.Samples, 50, TestContext.Current.CancellationToken);

        double Likelihood(double gate)
        {
            var gates = ones(setup.Gated.EdgeCount, dtype: float64);
            foreach (var edge in embeds)
                gates[edge] = gate;
            return setup.Samples.Batches.Sum(part => part.Sums(Task.Scoring().LogLikelihood(setup.Gated.Forward(part.Input(), gates), part.Whole.argmax(-1))).sum().item<double>());
        }

        var change = Likelihood(1) - Likelihood(0);
        Assert.True(Math.Abs(change) > 0.1);
        Assert.InRange(rows.Sum(row => embeds.Sum(edge => row[edge])) / change, 0.97, 1.03);
    }

    [Fact]
    public void Bootstrap_of_a_choice_that_no_sample_changes_is_stable()
    {
        HashSet<int> always = [1, 2];
        Assert.Equal(1, BootstrapStability.Of(10, _ => always, 5, new Random(1)));
        Assert.Equal(1.0 / 3, BootstrapStability.Jaccard(new HashSet<int> { 1, 2 }, new HashSet<int> { 2, 3 }), 12);
        Assert.Equal(1, BootstrapStability.Jaccard(new HashSet<int>(), new HashSet<int>()));
        Assert.InRange(BootstrapStability.Of(10, counts => Enumerable.Range(0, 10).Where(sample => counts[sample] > 0).ToHashSet(), 400, new Random(1)), 0.62, 0.68); // 1 − (1 − 1/10)^10 = .651
    }

    [Fact]
    public void Frontier_areas_are_those_of_trapezoids()
    {
        Assert.Equal(0.5, CircuitFrontier.Area([(0, 0), (1, 1)]), 12);
        Assert.Equal(0.85, CircuitFrontier.Area([(1, 1), (0.2, 1), (0.1, 0), (0, 0)]), 12);
    }

    /// <summary>½ Σ over samples and positions, per sample, by finite differences of the logits.</summary>
    private static double Fisher(Setup setup, int edge)
    {
        const double Step = 1e-5;
        double sum = 0;
        foreach (var part in setup.Samples.Batches)
        {
            Tensor Logits(double change)
            {
                var gates = ones(setup.Gated.EdgeCount, dtype: float64);
                gates[edge] = 1 + change;
                return setup.Gated.Forward(part.Input(), gates);
            }

            var (change, p) = ((Logits(Step) - Logits(-Step)) / (2 * Step), part.Whole.softmax(-1));
            var mean = (p * change).sum(dim: -1);
            sum += part.Sums((p * change.square()).sum(dim: -1) - mean.square()).sum().item<double>() / 2;
        }

        return sum / setup.Samples.Count;
    }

    private sealed class Setup : IDisposable
    {
        private readonly RandomModel _model;
        private readonly Weights _weights;

        public Setup(int samples, bool linear = false)
        {
            var config = linear ? RandomModel.AttentionOnly(Normalization.None) : RandomModel.WithMlps(Activation.Gelu);
            _model = new RandomModel(config with { DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx }, 5);
            if (linear)
            {
                foreach (var block in _model.Weights.Blocks)
                {
                    block.Attention.WQ.zero_();
                    block.Attention.BQ.zero_();
                }
            }

            _weights = _model.Weights.To(ScalarType.Float64);
            var model = new PartitionedModel(_weights, _model.Partitions);
            Candidates = CircuitBuilder.Candidates(model);
            Gated = new GatedTransformer(model, Candidates);
            Samples = new GatedSamples(_weights, Task, PairedSamples.Draw(Task, 3, 6, samples, new Random(2)));
        }

        public Circuit Candidates { get; }

        public GatedTransformer Gated { get; }

        public GatedSamples Samples { get; }

        public void Dispose()
        {
            Samples.Dispose();
            Gated.Dispose();
            _weights.Dispose();
            _model.Dispose();
        }
    }
}

file static class TaskExtensions
{
    public static IScoring Scoring(this ITask task) => task.Scoring;
}
