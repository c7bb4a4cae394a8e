using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Tests.Circuits;

namespace SubspaceCircuits.Tests.Interventions;

public sealed class CircuitValidationTests
{
    private static readonly UniqueTokenPattern Task = new();
    private static readonly ValidationSettings Settings = new() { Samples = 40, From = 2, To = 6, Controls = 2, Seed = 3 };

    [Fact]
    public void The_full_circuit_is_faithful_and_its_controls_are_itself()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        var circuit = CircuitBuilder.Candidates(model.Model);

        var validation = CircuitValidation.Run(model.Model, circuit, Task, Settings, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal((40, circuit.Edges.Count, circuit.Edges.Count), (validation.Samples, validation.Of, validation.Circuit.Edges));
        Assert.Equal(1, validation.Circuit.MatchAccuracy);
        Assert.Equal(validation.ModelTaskAccuracy, validation.Circuit.TaskAccuracy);
        Assert.InRange(Math.Abs(validation.Circuit.Kl), 0, 1e-6);
        Assert.Equal(4, validation.Controls.Count);
        Assert.All(validation.Controls, control => Assert.InRange(Math.Abs(control.Kl), 0, 1e-6));
        Assert.Equal(ComponentGraph.CountAll(model.Weights.Config), validation.ComponentEdges);
    }

    [Fact]
    public void Wider_coverage_has_more_edges_and_less_divergence()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        var circuit = CircuitSelection.ByCoverage(CircuitBuilder.Candidates(model.Model), 0.9);

        var frontier = CircuitValidation.Run(model.Model, circuit, Task, Settings, cancellation: TestContext.Current.CancellationToken).Frontiers.First(of => of.Selection == "coverage").Points;

        Assert.Equal(frontier.Select(point => point.At).Order(), frontier.Select(point => point.At));
        Assert.Equal(frontier.Select(point => point.Circuit.Edges).Order(), frontier.Select(point => point.Circuit.Edges));
        Assert.True(frontier[^1].Circuit.Kl < 0.1 * frontier[0].Circuit.Kl, $"KL is {frontier[0].Circuit.Kl:g3} at the least and {frontier[^1].Circuit.Kl:g3} at the widest coverage.");
    }

    [Fact]
    public void A_random_control_has_as_many_edges_of_every_kind()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        var circuit = CircuitSelection.ByCoverage(CircuitBuilder.Candidates(model.Model), 0.7);

        var control = CircuitValidation.SameSize(circuit, new Random(1));

        static Dictionary<EdgeKind, int> Counts(Circuit of) => of.Kept.GroupBy(edge => edge.Kind).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(Counts(circuit).OrderBy(pair => pair.Key), Counts(control).OrderBy(pair => pair.Key));
        Assert.NotEqual(circuit.Kept.ToHashSet(), control.Kept.ToHashSet());
        Assert.Equal(circuit.Edges.Count, control.Edges.Count);
    }

    [Fact]
    public void A_circuit_without_edges_does_not_match()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        var none = CircuitBuilder.Candidates(model.Model).Keep(_ => false);
        using var samples = new GatedSamples(model.Weights, Task, PairedSamples.Draw(Task, 4, 6, 40, new Random(1)), TestContext.Current.CancellationToken);
        using var gated = new GatedTransformer(model.Model, none);

        var found = Faithfulness.Of("none", gated, gated.GatesOf(none), samples, TestContext.Current.CancellationToken);

        Assert.Equal(0, found.Edges);
        Assert.True(found.MatchAccuracy < 0.5, $"{found.MatchAccuracy}");
        Assert.True(found.Kl > 0.01, $"{found.Kl}");
    }

    [Fact]
    public void Validation_says_how_far_scores_predict_effects_and_how_stable_choices_are()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        var circuit = CircuitSelection.ByCoverage(CircuitNulls.With(model.Model, CircuitBuilder.Candidates(model.Model)), 0.8);
        var settings = Settings with { EffectSamples = 8, MaxEffects = 60, Bootstraps = 4, Draws = 2 };

        var found = CircuitValidation.Run(model.Model, circuit, Task, settings, new Dictionary<string, Circuit> { ["another"] = circuit.Keep(_ => true) }, TestContext.Current.CancellationToken);

        Assert.Equal(60, found.Scored.Edges.Count(edge => edge.Scores.Effect is not null));
        Assert.All(found.Scored.Edges, edge => Assert.True(edge.Scores.Nats >= 0));
        Assert.Null(found.Agreement[^1].Kind);
        Assert.Equal(60, found.Agreement[^1].Edges);
        Assert.True(found.Agreement[^1].Nats > 0.5, $"Effectiveness should rank effects of a smooth model, but has a correlation of {found.Agreement[^1].Nats}.");
        Assert.Equal(["coverage", "significance", "energy", "variance", "nats"], found.Frontiers.Select(frontier => frontier.Selection));
        Assert.All(found.Frontiers.Where(frontier => frontier.Selection is "nats" or "coverage"), frontier => Assert.InRange(frontier.Stability!.Value, 0.1, 1));
        Assert.All(found.Frontiers.Where(frontier => frontier.Selection is "energy" or "variance" or "nats"), frontier => Assert.Equal(1, frontier.Points[^1].Circuit.MatchAccuracy));
        Assert.InRange(Math.Abs(found.Controls.Single(control => control.Name == "another").Kl), 0, 1e-6);
        Assert.Equal(40, found.Circuit.KlOfSamples.Count);
        Assert.True(found.Norms!.OfMoments.Kl > 0);
        Assert.Equal(["m0", "m1"], found.Mlps.Select(mlp => mlp.Mlp));
        Assert.All(found.Mlps.SelectMany(mlp => mlp.Targets), target => Assert.Equal(1, target.Orders.First + target.Orders.Second + target.Orders.Remainder, 9));
        Assert.All(found.Mlps, mlp => Assert.Equal(1, mlp.Targets.Sum(target => target.VarianceShare), 9));
    }

    [Fact]
    public void Optimal_constants_are_better_than_the_mean()
    {
        using var scope = NewDisposeScope();
        using var model = Fitting();
        var circuit = CircuitSelection.ByCoverage(CircuitBuilder.Candidates(model.Model), 0.6);
        using var samples = new GatedSamples(model.Weights, Task, PairedSamples.Draw(Task, 3, 6, 40, new Random(1)), TestContext.Current.CancellationToken);
        using var gated = new GatedTransformer(model.Model, circuit, Ablation.Optimal);
        var gates = gated.GatesOf(circuit);

        var (before, after) = ConstantsTraining.Run(gated, gates, samples, 30, TestContext.Current.CancellationToken);

        Assert.True(after < 0.9 * before, $"{before} nats with the mean, {after} with learned constants.");
        Assert.Equal(after, Faithfulness.Of("optimal", gated, gates, samples, TestContext.Current.CancellationToken).Kl, 5);
    }

    [Fact]
    public void A_model_with_too_few_tokens_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");

        Assert.Throws<ArgumentException>(() => CircuitValidation.Run(model.Model, CircuitBuilder.Candidates(model.Model), Task, Settings, cancellation: TestContext.Current.CancellationToken));
    }

    private static RandomModel Fitting() => new(RandomModel.WithMlps(Activation.Gelu) with { DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx }, 5);
}
