namespace SubspaceCircuits.Tasks;

/// <summary>One sequence and what a model must predict in it.</summary>
/// <param name="Tokens">Token ids, BOS first.</param>
/// <param name="Targets">
/// For every position the id that comes next where the prediction there is scored, else <see cref="Unsupervised"/>; as long as the tokens.
/// </param>
public sealed record TaskSample(int[] Tokens, int[] Targets)
{
    /// <summary>Stands where no prediction is scored.</summary>
    public const int Unsupervised = -100;

    /// <summary>
    /// What training predicts. The same as <see cref="Targets"/> unless a task is also trained where the answer is not determined, such as on
    /// a first repetition that is not masked.
    /// </summary>
    public int[] LossTargets { get; init; } = Targets;

    /// <summary>
    /// In tasks scored by sets (<see cref="NextSetScoring"/>): for every scored position all ids that may come next, ascending, and null
    /// where nothing is scored. Null in all other tasks.
    /// </summary>
    public IReadOnlyList<int[]?>? NextSets { get; init; }

    /// <summary>In training the first token stands at a position drawn uniformly from 0 to this; in evaluation at 0.</summary>
    public int MaxOffset { get; init; }

    /// <summary>Whether the prediction at a position is scored.</summary>
    public bool IsScored(int position) => Targets[position] != Unsupervised;

    /// <summary>A sequence in which every token from an index on must be predicted.</summary>
    /// <param name="tokens">Token ids, BOS first.</param>
    /// <param name="firstPredicted">Index of the first token that must be predicted.</param>
    public static TaskSample PredictFrom(int[] tokens, int firstPredicted) => new(tokens, NextTokens(tokens, firstPredicted));

    /// <summary>For every position the next token, from the given index on, else <see cref="Unsupervised"/>.</summary>
    /// <param name="tokens">Token ids, BOS first.</param>
    /// <param name="firstPredicted">Index of the first token that counts.</param>
    public static int[] NextTokens(int[] tokens, int firstPredicted)
    {
        var targets = new int[tokens.Length];
        for (var position = 0; position < tokens.Length; position++)
            targets[position] = position + 1 >= firstPredicted && position + 1 < tokens.Length ? tokens[position + 1] : Unsupervised;
        return targets;
    }
}
