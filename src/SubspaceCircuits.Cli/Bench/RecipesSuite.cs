using System.Diagnostics;
using SubspaceCircuits.Attention;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>Trains recipes with several seeds and looks at what their heads attend to: does a recipe make previous-token and induction heads?</summary>
internal static class RecipesSuite
{
    /// <summary>
    /// Least attention to what came after an earlier occurrence of the token (or of the bigram) that counts as an induction head, and to the position
    /// before, in an earlier layer, that counts as a previous-token head. Chosen after the first results: no model lies near either.
    /// </summary>
    public const double InductionScore = 0.5, PreviousTokenScore = 0.15;

    private const int AccuracySamples = 2000, ScoreSamples = 200;

    /// <summary>One training.</summary>
    /// <param name="Recipe">Name of the recipe's file.</param>
    /// <param name="Seed">Seed.</param>
    /// <param name="Steps">Steps done.</param>
    /// <param name="Accuracy">Whole-sequence accuracy on fresh samples of the training lengths.</param>
    /// <param name="Positions">Share of the scored positions that are right on these.</param>
    /// <param name="PreviousToken">Greatest previous-token score of a head, and which.</param>
    /// <param name="Induction">Greatest induction score.</param>
    /// <param name="PrefixMatching">Greatest prefix-matching score: all earlier occurrences.</param>
    /// <param name="NgramMatch">Greatest n-gram-match score.</param>
    /// <param name="Forms">Whether a later layer has an induction head (prefix matching or n-gram match) and an earlier one a previous-token head.</param>
    /// <param name="Seconds">Wall-clock time of the training, 0 where it was there already.</param>
    internal sealed record Row(string Recipe, int Seed, int Steps, double Accuracy, double Positions, Best PreviousToken, Best Induction, Best PrefixMatching, Best NgramMatch, bool Forms, double Seconds);

    /// <summary>A head and its score.</summary>
    internal sealed record Best(string Head, double Score);

    /// <summary>Trains one recipe with one seed, unless its folder holds the model already, and measures it.</summary>
    public static Row Measure(string file, int seed, string folder, int threads, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        var asked = Recipe.Read(file);
        var task = TaskRegistry.Find(asked.Task);
        var recipe = asked with { Task = task.Name, Settings = asked.Settings with { Seed = seed } };
        var modelFolder = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(file)}-seed{seed}");
        var trainedFile = Path.Combine(modelFolder, TrainedModel.FileName);
        var clock = Stopwatch.StartNew();
        var isThere = File.Exists(trainedFile);
        var done = isThere ? Json.Read<TrainingDocument>(trainedFile) : TrainingRun.Run(modelFolder, recipe, threads, checkpointEvery: 2000, progress: progress, cancellation: cancellation);
        if (!Json.Same(done.Recipe, recipe))
            throw new CheckpointException(modelFolder, "holds a model of another recipe; give another folder with --out, or remove it");
        var seconds = isThere ? 0 : Math.Round(clock.Elapsed.TotalSeconds, 1);

        using var model = ModelFolder.Read(modelFolder);
        var (from, to) = (recipe.Settings.From, recipe.Settings.To);
        var (accuracy, positions) = Accuracy(model.Weights, task, TaskBatch.Draw(task, from, to, AccuracySamples, new Random(seed + 1_000_003)));
        var heads = HeadScores.Of(model.Weights, task, TaskBatch.Draw(task, from, to, ScoreSamples, new Random(seed + 2_000_003)));
        Best BestOf(Func<HeadScores, double> score) => heads.Where(head => double.IsFinite(score(head))).MaxBy(score) is { } best ? new Best(best.Name, score(best)) : new Best("", double.NaN);
        var forms = heads.Any(head => Math.Max(head.PrefixMatching, head.NgramMatch) >= InductionScore && heads.Any(earlier => earlier.Layer < head.Layer && earlier.PreviousToken >= PreviousTokenScore));
        return new Row(Path.GetFileNameWithoutExtension(file), seed, done.Steps, accuracy, positions, BestOf(head => head.PreviousToken), BestOf(head => head.Induction), BestOf(head => head.PrefixMatching), BestOf(head => head.NgramMatch), forms, seconds);
    }

    private static (double Sequences, double Positions) Accuracy(Weights weights, ITask task, List<TaskSample> samples)
    {
        using var noGrad = TorchSharp.torch.no_grad();
        long sequences = 0, right = 0, scored = 0;
        foreach (var part in Evaluation.Batches(samples, weights.Config.NCtx))
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            using var batch = new TaskBatch(part, task.Vocabulary.Pad);
            var isRight = task.Scoring.IsRight(batch, Transformer.Forward(weights, batch.Tokens)); // [batch, pos]
            var isScored = batch.Targets.ne(TaskSample.Unsupervised);
            sequences += isRight.all(dim: 1).sum().item<long>();
            right += isRight.logical_and(isScored).sum().item<long>();
            scored += isScored.sum().item<long>();
        }

        return ((double)sequences / samples.Count, (double)right / scored);
    }
}
