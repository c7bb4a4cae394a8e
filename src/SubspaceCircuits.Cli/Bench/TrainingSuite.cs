using System.Diagnostics;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>
/// Steps per second of training against the same model written naively with TorchSharp, on the same samples, in turns, in one process. A step is
/// all of it: drawing samples, forward, backward, clipping, optimiser.
/// </summary>
internal static class TrainingSuite
{
    private const int Rounds = 7;

    /// <summary>One model measured.</summary>
    internal sealed record Row(string Model, string Task, int Threads, double NaiveStepsPerSecond, double StepsPerSecond, double Ratio);

    private sealed record Case(string Name, string Task, ModelConfig Config);

    private static ModelConfig Sizes(int d, int heads, bool mlp) => new() { NLayers = 2, NHeads = heads, DModel = d, DHead = d / heads, DMlp = mlp ? 4 * d : null, DVocab = 1, NCtx = 1 };

    private static Case[] Cases =>
    [
        new("d 16, 1 head, attention only", "unique_token_pattern", Sizes(16, 1, false)),
        new("d 16, 2 heads, attention only", "unique_copy", Sizes(16, 2, false)),
        new("d 64, 8 heads, attention only", "unique_token_pattern", Sizes(64, 8, false)),
        new("d 64, 8 heads, attention only", "unique_copy", Sizes(64, 8, false)),
        new("d 64, 4 heads, MLP", "unique_copy", Sizes(64, 4, true)),
    ];

    public static IEnumerable<Row> Run(IReadOnlyList<int> threads, IProgress<string> progress, CancellationToken cancellation)
    {
        foreach (var (name, taskName, sizes) in Cases)
        {
            var task = TaskRegistry.Find(taskName);
            var config = sizes with { DVocab = task.Vocabulary.Tokens.Count, NCtx = task.NCtx };
            foreach (var count in threads)
            {
                progress.Report($"{name}, {count} threads");
                yield return Measure(name, task, config, count, cancellation);
            }
        }
    }

    private static Row Measure(string name, ITask task, ModelConfig config, int threads, CancellationToken cancellation)
    {
        set_num_threads(threads);
        var settings = new TrainingSettings { BatchSize = 32, From = task.Lengths.Min, To = Math.Min(20, task.Lengths.Max), ValidateEvery = int.MaxValue, Steps = int.MaxValue };
        var ours = new ModelTraining(config, task, settings, threads);
        using var model = new NaiveTransformer(config);
        using var optimizer = optim.AdamW(model.parameters(), settings.LearningRate, weight_decay: settings.WeightDecay);
        var random = new Random(0);
        void Naive() => NaiveStep(model, optimizer, TaskBatch.Draw(task, settings.From, settings.To, settings.BatchSize, random), task);
        void Ours() => ours.Step();

        // Warm up until the runtime has compiled its best code.
        var (naiveSteps, ourSteps) = (StepsIn(Naive, 2, cancellation), StepsIn(Ours, 2, cancellation));
        List<double> naive = [], fast = [];
        for (var round = 0; round < Rounds; round++)
        {
            naive.Add(Rate(Naive, Math.Max(1, naiveSteps / 4), cancellation));
            fast.Add(Rate(Ours, Math.Max(1, ourSteps / 4), cancellation));
        }

        var ratios = naive.Zip(fast, (slow, quick) => quick / slow).Order().ToArray();
        return new Row(name, task.Name, threads, naive.Order().ElementAt(Rounds / 2), fast.Order().ElementAt(Rounds / 2), ratios[Rounds / 2]);
    }

    private static void NaiveStep(NaiveTransformer model, optim.Optimizer optimizer, IReadOnlyList<TaskSample> samples, ITask task)
    {
        using var scope = NewDisposeScope();
        using var batch = new TaskBatch(samples, task.Vocabulary.Pad);
        optimizer.zero_grad();
        var loss = nn.functional.cross_entropy(model.call(batch.Tokens).flatten(0, 1), batch.Targets.flatten(), ignore_index: TaskSample.Unsupervised);
        loss.backward();
        nn.utils.clip_grad_norm_(model.parameters(), 1);
        optimizer.step();
    }

    private static int StepsIn(Action step, double seconds, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var steps = 0;
        for (; clock.Elapsed.TotalSeconds < seconds; steps++)
        {
            cancellation.ThrowIfCancellationRequested();
            step();
        }

        return steps;
    }

    private static double Rate(Action step, int steps, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        for (var done = 0; done < steps; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            step();
        }

        return steps / clock.Elapsed.TotalSeconds;
    }
}
