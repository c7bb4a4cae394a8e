using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Attention;

/// <summary>
/// Sequences with the tokens of samples in random order. BOS keeps its place; all tokens after it, separators and EOS included, are permuted
/// uniformly and independently in each sequence.
/// </summary>
/// <remarks>
/// Length and token counts of every sequence stay, so position and token frequency stay as they were and only order is lost: which token follows
/// which, and where the second copy of anything stands. What occurred twice still does.
/// </remarks>
public static class ShuffledSequences
{
    /// <summary>Shuffles every sample several times; nothing in the results is scored.</summary>
    /// <param name="samples">Samples, BOS first.</param>
    /// <param name="shuffles">How often each is shuffled, at least 1.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>One sequence for every shuffle of every sample.</returns>
    public static List<TaskSample> Of(IReadOnlyList<TaskSample> samples, int shuffles, Random random)
    {
        if (shuffles < 1)
            throw new ArgumentOutOfRangeException(nameof(shuffles), $"Sequences should be shuffled at least once, but {shuffles} times was asked for.");
        List<TaskSample> shuffled = [];
        for (var round = 0; round < shuffles; round++)
        {
            foreach (var sample in samples)
            {
                int[] tokens = [.. sample.Tokens];
                random.Shuffle(tokens.AsSpan(1));
                shuffled.Add(TaskSample.PredictFrom(tokens, tokens.Length));
            }
        }

        return shuffled;
    }
}
