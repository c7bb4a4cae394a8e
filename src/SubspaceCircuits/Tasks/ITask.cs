namespace SubspaceCircuits.Tasks;

/// <summary>One sequence and what a model must predict in it.</summary>
/// <param name="Tokens">Token ids, BOS first.</param>
/// <param name="Targets">For every position the id that must come next, or <see cref="Unsupervised"/>; as long as the tokens.</param>
public sealed record TaskSample(int[] Tokens, int[] Targets)
{
    /// <summary>Stands where no prediction is scored.</summary>
    public const int Unsupervised = -100;

    /// <summary>A sequence in which every token from an index on must be predicted.</summary>
    /// <param name="tokens">Token ids, BOS first.</param>
    /// <param name="firstPredicted">Index of the first token that must be predicted.</param>
    public static TaskSample PredictFrom(int[] tokens, int firstPredicted)
    {
        var targets = new int[tokens.Length];
        for (var position = 0; position < tokens.Length; position++)
            targets[position] = position + 1 >= firstPredicted && position + 1 < tokens.Length ? tokens[position + 1] : Unsupervised;
        return new TaskSample(tokens, targets);
    }
}

/// <summary>A family of sequences with right answers.</summary>
public interface ITask
{
    /// <summary>Name, as in the published scheme.</summary>
    string Name { get; }

    /// <summary>Its tokens.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>Shortest and longest problem that the task can make; a problem's length counts its own tokens, not the specials.</summary>
    (int Min, int Max) Lengths { get; }

    /// <summary>Longest context a model of this task needs, BOS included.</summary>
    int NCtx { get; }

    /// <summary>Draws one sequence.</summary>
    /// <param name="length">Length of the problem, within <see cref="Lengths"/>.</param>
    /// <param name="random">Where chance comes from: same state, same sample.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not within <see cref="Lengths"/>.</exception>
    TaskSample Sample(int length, Random random);
}
