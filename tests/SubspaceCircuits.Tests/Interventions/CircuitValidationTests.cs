using SubspaceCircuits.Circuits;
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
    public void A_model_with_too_few_tokens_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");

        Assert.Throws<ArgumentException>(() => CircuitValidation.Run(model.Model, CircuitBuilder.Candidates(model.Model), Task, Settings, cancellation: TestContext.Current.CancellationToken));
    }

    private static RandomModel Fitting() => new(RandomModel.WithMlps(Activation.Gelu) with { DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx }, 5);
}
