using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Interventions.Pruning;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.KnownCircuits;

/// <summary>Pruning of compiled models leaves the edges that their programs need.</summary>
public sealed class PruningTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("prev_token", Ablation.Optimal)]
    [InlineData("induction", Ablation.Mean)]
    [InlineData("hist", Ablation.Mean)]
    public void Both_methods_keep_the_true_edges(string id, Ablation ablation)
    {
        using var scope = NewDisposeScope();
        var (task, known) = Compiled(id);
        using var _ = known;
        using var subspaces = new KnownSubspaces(known);
        var candidates = CircuitBuilder.Candidates(new PartitionedModel(known.Weights, subspaces.Partitions));
        var named = subspaces.Named(candidates);
        var truth = subspaces.Truth(candidates);
        string[] Components(Circuit circuit) => [.. ComponentGraph.Edges(circuit).Select(edge => $"{edge.Source}->{edge.Reader}")];

        var greedy = Prune(known, task, ablation, problem => GreedyPruning.Run(problem, problem.RemovalDivergences(All(problem), Stop), new GreedySettings { Goal = 1, RefitSteps = 20 }, cancellation: Stop));
        var learned = Prune(known, task, ablation, problem => LearnedPruning.Run(problem, Learned, cancellation: Stop));

        Assert.Equal(greedy, learned);
        Assert.Subset(Components(truth).ToHashSet(), greedy.ToHashSet());
        // What BOS decides, a constant in its place may decide as well; what carries values of the program has to stay.
        Assert.Superset(Components(truth.Keep(edge => edge.IsKept && !named.Named(edge).IsAuxiliaryIn(known))).ToHashSet(), greedy.ToHashSet());
    }

    [Fact]
    public void Same_seed_same_edges_and_constants()
    {
        using var scope = NewDisposeScope();
        var (task, known) = Compiled("prev_token");
        using var _ = known;
        double[] Constants() => Prune(known, task, Ablation.Optimal, problem => LearnedPruning.Run(problem, Learned, cancellation: Stop), model => model.Learnables[0].Tensor.detach().flatten().data<double>().ToArray());

        var constants = Constants();

        Assert.Equal(constants, Constants());
        Assert.Contains(constants, value => value != 0);
    }

    [Fact]
    public void A_goal_out_of_reach_is_said_to_be_missed()
    {
        using var scope = NewDisposeScope();
        var (task, known) = Compiled("prev_token");
        using var _ = known;
        var samples = TaskBatch.DrawEvenly(task, 1, task.Lengths.Max, 20, new Random(1));
        using var model = new GatedComponents(known.Weights, Ablation.Mean, ComponentNorm.Recomputed, samples, task.Vocabulary.Pad);
        using var problem = new PruningProblem(model, known.Weights, task, new PruningSamples { To = task.Lengths.Max, Held = 20 });

        var result = GreedyPruning.Run(problem, new double[model.EdgeCount], new GreedySettings(), new bool[model.EdgeCount], cancellation: Stop);

        Assert.False(result.IsReached);
        Assert.True(result.Held.MatchAccuracy < .5, $"{result.Held.MatchAccuracy}");
        Assert.Equal(1, problem.Measure(All(problem), Stop).MatchAccuracy);
        Assert.True(problem.Reaches(All(problem), 1, Stop));
        Assert.Equal(problem.Measure(new bool[model.EdgeCount], Stop).MatchAccuracy >= .1, problem.Reaches(new bool[model.EdgeCount], .1, Stop));
    }

    [Fact]
    public void Constants_are_fitted_by_descent()
    {
        using var scope = NewDisposeScope();
        var (task, known) = Compiled("prev_token", unembedScale: 10);
        using var _ = known;
        var samples = TaskBatch.DrawEvenly(task, 1, task.Lengths.Max, 20, new Random(1));
        using var model = new GatedComponents(known.Weights, Ablation.Optimal, ComponentNorm.Recomputed, samples, task.Vocabulary.Pad);
        using var problem = new PruningProblem(model, known.Weights, task, new PruningSamples { To = task.Lengths.Max, Held = 50 });
        var kept = new bool[model.EdgeCount];
        using (no_grad())
            model.Learnables[0].Tensor.add_(randn(model.Learnables[0].Tensor.shape, dtype: float64, generator: new Generator(1)));
        var before = problem.Measure(kept, Stop).Kl;

        problem.Fit(kept, 60, cancellation: Stop);

        Assert.True(problem.Measure(kept, Stop).Kl < .5 * before, $"{before} before, {problem.Measure(kept, Stop).Kl} after.");
    }

    private static LearnedSettings Learned { get; } = new() { Steps = 30, Rounds = 2, RefitSteps = 20, Start = 2, Greedy = new GreedySettings { Goal = 1, RefitSteps = 20 } };

    private static bool[] All(PruningProblem problem) => [.. Enumerable.Repeat(true, problem.Model.EdgeCount)];

    private static string[] Prune(KnownModel known, ITask task, Ablation ablation, Func<PruningProblem, PruningResult> method)
    {
        PruningResult? result = null;
        return Prune(known, task, ablation, problem => result = method(problem), model => model.Edges.Where((_, edge) => result!.Kept[edge]).Select(edge => $"{edge.Source}->{edge.Reader}").ToArray());
    }

    private static T Prune<T>(KnownModel known, ITask task, Ablation ablation, Func<PruningProblem, PruningResult> method, Func<GatedComponents, T> answer)
    {
        var samples = TaskBatch.DrawEvenly(task, 1, task.Lengths.Max, 100, new Random(1));
        using var model = new GatedComponents(known.Weights, ablation, ComponentNorm.Recomputed, samples, task.Vocabulary.Pad);
        using var problem = new PruningProblem(model, known.Weights, task, new PruningSamples { To = task.Lengths.Max, Held = 100 }, kept => ConnectedComponents.WithoutDangling(known.Weights.Config, kept), ConnectedComponents.Leaving(known.Weights.Config));
        var result = method(problem);
        Assert.True(result.IsReached);
        return answer(model);
    }

    private static (ITask Task, KnownModel Known) Compiled(string id, double unembedScale = 1)
    {
        var entry = ProgramCatalogue.Find(id);
        var task = AllTasks.Find(AllTasks.NameOf(entry, entry.Tested));
        return (task, Compiler.Compile(entry.Build(entry.Tested), new CompilerOptions { HasPad = true, UnembedScale = unembedScale }).Assemble(id));
    }
}
