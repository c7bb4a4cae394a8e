using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary><c>training.json</c>: how a model was trained and what it reached.</summary>
/// <param name="Schema">subspace-circuits/training/2.</param>
/// <param name="Version">Version of this software.</param>
/// <param name="Recipe">Task, model and settings.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="Accuracy">Whole-sequence accuracy on samples of the training lengths that training has not seen.</param>
/// <param name="RepeatShare">Share of the training samples that validation had too, because the task has no others of their length.</param>
public sealed record TrainingDocument(string Schema, string Version, Recipe Recipe, int Steps, double Accuracy, double RepeatShare);

/// <summary>A model folder with what it was trained on.</summary>
public static class TrainedModel
{
    /// <summary>Name of the file that says how a model was trained; it is written last, so that where it is, all is.</summary>
    public const string FileName = "training.json";

    /// <summary>Writes weights, configuration, vocabulary, task and training.</summary>
    public static void Write(string folder, Weights weights, Recipe recipe, int steps, double accuracy, double repeatShare)
    {
        ModelFolder.Write(folder, weights);
        TaskFiles.Write(folder, TaskRegistry.Find(recipe.Task));
        Json.Write(Path.Combine(folder, FileName), new TrainingDocument("subspace-circuits/training/2", NewRun.Version, recipe, steps, accuracy, repeatShare));
    }
}
