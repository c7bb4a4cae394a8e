using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Runs;

/// <summary>Sizes and choices of the model that a recipe trains; its vocabulary and context are the task's.</summary>
public sealed record RecipeModel
{
    /// <summary>Blocks, at least 1. Default 2.</summary>
    public int NLayers { get; init; } = 2;

    /// <summary>Heads in each block, at least 1. Default 1.</summary>
    public int NHeads { get; init; } = 1;

    /// <summary>Width of the residual stream, a multiple of the heads. Default 64.</summary>
    public int DModel { get; init; } = 64;

    /// <summary>Whether there are no MLPs; else they have 4·d_model neurons. Default false.</summary>
    public bool AttnOnly { get; init; }

    /// <summary>Non-linearity of the MLPs. Default tanh-GELU.</summary>
    public Activation Activation { get; init; } = Activation.GeluNew;

    /// <summary>What stands before every reader. Default LayerNorm.</summary>
    public Normalization Normalization { get; init; } = Normalization.LayerNorm;
}

/// <summary>What to train: a task, a model and settings. All that decides the bytes of the result.</summary>
/// <param name="Schema">subspace-circuits/recipe/1.</param>
/// <param name="Task">Name of the task, with its options.</param>
/// <param name="Model">Model.</param>
/// <param name="Settings">Settings; the seed is replaced by the one that is asked for.</param>
/// <param name="About">What it is for, for people.</param>
public sealed record Recipe(string Schema, string Task, RecipeModel Model, TrainingSettings Settings, string? About = null)
{
    /// <summary>The schema that is written.</summary>
    public const string CurrentSchema = "subspace-circuits/recipe/1";

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="CheckpointException">The file is missing, damaged or no recipe.</exception>
    public static Recipe Read(string path)
    {
        var recipe = Json.Read<Recipe>(path);
        return recipe.Schema == CurrentSchema ? recipe : throw new CheckpointException(path, $"expected schema '{CurrentSchema}', but found '{recipe.Schema}'");
    }

    /// <summary>The configuration of the model.</summary>
    /// <exception cref="ArgumentException">A size is out of range, or the heads do not divide the width.</exception>
    public ModelConfig Config(ITask task)
    {
        if (Model.NHeads < 1 || Model.DModel % Model.NHeads != 0)
            throw new ArgumentException($"The width d_model ({Model.DModel}) should be a multiple of the number of heads ({Model.NHeads}).");
        var config = new ModelConfig
        {
            NLayers = Model.NLayers,
            NHeads = Model.NHeads,
            DModel = Model.DModel,
            DHead = Model.DModel / Model.NHeads,
            DMlp = Model.AttnOnly ? null : 4 * Model.DModel,
            Activation = Model.Activation,
            Normalization = Model.Normalization,
            DVocab = task.Vocabulary.Tokens.Count,
            NCtx = task.NCtx,
        };
        config.Validate();
        return config;
    }
}
