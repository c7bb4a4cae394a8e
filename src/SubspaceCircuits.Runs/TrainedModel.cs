using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Runs;

/// <summary><c>training.json</c>: how a model was trained and what it reached.</summary>
/// <param name="Schema">subspace-circuits/training/1.</param>
/// <param name="Version">Version of this software.</param>
/// <param name="Settings">Settings.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="Accuracy">Whole-sequence accuracy on fresh samples of the training lengths.</param>
public sealed record TrainingDocument(string Schema, string Version, TrainingSettings Settings, int Steps, double Accuracy);

/// <summary>A model folder with what it was trained on.</summary>
public static class TrainedModel
{
    /// <summary>Writes weights, configuration, vocabulary, task and training.</summary>
    public static void Write(string folder, Weights weights, ITask task, TrainingSettings settings, int steps, double accuracy)
    {
        ModelFolder.Write(folder, weights);
        TaskFiles.Write(folder, task);
        Json.Write(Path.Combine(folder, "training.json"), new TrainingDocument("subspace-circuits/training/1", NewRun.Version, settings, steps, accuracy));
    }
}
