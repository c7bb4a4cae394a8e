using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Norms;

/// <summary>On what constants in the place of σ(x) are taken, and on what they are priced.</summary>
public sealed record NormSettings
{
    /// <summary>Sequences on which constants are taken, and as many fresh ones on which they are priced; at least 1. Default 200.</summary>
    public int Samples { get; init; } = 200;

    /// <summary>Shortest problem. Default 1.</summary>
    public int From { get; init; } = 1;

    /// <summary>Longest problem. Default 50.</summary>
    public int To { get; init; } = 50;

    /// <summary>Classes of positions. Default: the first and the rest.</summary>
    public PositionClasses Classes { get; init; } = PositionClasses.FirstAndRest;

    /// <summary>Steps in which constants are learned, 0 or more; 0 learns none. Default 300.</summary>
    public int LearningSteps { get; init; } = 300;

    /// <summary>Step of the logarithm of a constant, above 0. Default 0.02.</summary>
    public double LearningRate { get; init; } = 0.02;

    /// <summary>Seed of all samples.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Samples < 1 || LearningSteps < 0 || !(LearningRate > 0))
            throw new ArgumentException($"Samples ({Samples}) should be at least 1, learning steps ({LearningSteps}) at least 0, the learning rate ({LearningRate}) above 0.");
    }

    internal (List<TaskSample> Taken, List<TaskSample> Priced) Draw(ITask task)
    {
        var random = new Random(Seed);
        return (TaskBatch.Draw(task, From, To, Samples, random), TaskBatch.Draw(task, From, To, Samples, random));
    }
}
