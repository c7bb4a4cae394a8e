using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Runs;

/// <summary>
/// A training into a model folder. While it is under way the folder holds a checkpoint; the same recipe goes on from there, to the same bytes as
/// without the stop. Beside it grow <c>metrics.jsonl</c> and TensorBoard's events.
/// </summary>
public static class TrainingRun
{
    /// <summary>Trains to the end, or goes on with a training that was stopped.</summary>
    /// <param name="folder">Folder of the model.</param>
    /// <param name="recipe">What to train.</param>
    /// <param name="threads">Threads; they do not change the result.</param>
    /// <param name="checkpointEvery">Steps between checkpoints, at least 1.</param>
    /// <param name="saveEvery">Steps between models that are kept in <c>steps/STEP</c>, to see a circuit form; 0 keeps none.</param>
    /// <param name="progress">Told every step; may be null.</param>
    /// <param name="cancellation">Checked between steps; a last checkpoint is then written.</param>
    /// <returns>What the folder's <c>training.json</c> says.</returns>
    /// <exception cref="CheckpointException">The folder holds something else, or cannot be written.</exception>
    public static TrainingDocument Run(string folder, Recipe recipe, int threads, int checkpointEvery, int saveEvery = 0, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (checkpointEvery < 1 || saveEvery < 0)
            throw new ArgumentException($"The steps between checkpoints ({checkpointEvery}) should be at least 1, those between kept models ({saveEvery}) at least 0.");
        var task = TaskRegistry.Find(recipe.Task);
        var training = new ModelTraining(recipe.Config(task), task, recipe.Settings, threads);
        Prepare(folder);
        if (TrainingCheckpoint.Read(folder, recipe) is { } state)
            Restore(training, state, folder);

        using (var metrics = new TrainingMetrics(folder, training.StepsDone, recipe.Settings.ValidateEvery))
        {
            void Checkpoint()
            {
                metrics.Flush();
                TrainingCheckpoint.Write(folder, recipe, training.Save());
            }

            while (!training.IsDone)
            {
                if (cancellation.IsCancellationRequested)
                {
                    Checkpoint();
                    cancellation.ThrowIfCancellationRequested();
                }

                var step = training.Step();
                metrics.Note(step);
                progress?.Report(step);
                if (step.Step % checkpointEvery == 0)
                    Checkpoint();
                if (saveEvery > 0 && step.Step % saveEvery == 0)
                    Save(Path.Combine(folder, "steps", $"{step.Step}"), recipe, training);
            }
        }

        Save(folder, recipe, training);
        File.Delete(Path.Combine(folder, TrainingCheckpoint.FileName));
        return Json.Read<TrainingDocument>(Path.Combine(folder, TrainedModel.FileName));
    }

    private static void Save(string folder, Recipe recipe, ModelTraining training)
    {
        using var weights = training.Snapshot();
        TrainedModel.Write(folder, weights, recipe, training.StepsDone, training.FinalAccuracy(), training.RepeatShare);
    }

    private static void Restore(ModelTraining training, TrainingState state, string folder)
    {
        try
        {
            training.Restore(state);
        }
        catch (ArgumentException inner)
        {
            throw new CheckpointException(Path.Combine(folder, TrainingCheckpoint.FileName), inner.Message.TrimEnd('.'), inner);
        }
    }

    private static void Prepare(string folder)
    {
        if (File.Exists(Path.Combine(folder, TrainedModel.FileName)))
            throw new CheckpointException(folder, "holds a trained model; give another folder with --out, or remove this one");
        var isOurs = File.Exists(Path.Combine(folder, TrainingCheckpoint.FileName)) || (File.Exists(Path.Combine(folder, TrainingMetrics.FileName)) && !File.Exists(Path.Combine(folder, "run.json")));
        if (!isOurs && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new CheckpointException(folder, "is not empty and holds no training; give another folder with --out");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception inner) when (inner is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(folder, "cannot be made; give another folder with --out", inner);
        }
    }
}
