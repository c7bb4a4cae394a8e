namespace SubspaceCircuits.Tasks.Published;

/// <summary>What the tasks over strings of distinct tokens "0" to "149" share.</summary>
internal static class DistinctNumbers
{
    /// <summary>How many tokens there are, hence the longest string.</summary>
    public const int Count = Questions.Longest;

    public static Vocabulary Vocabulary() =>
        Tasks.Vocabulary.WithSpecials(Enumerable.Range(0, Count).Select(number => $"{number}"));

    /// <summary>A uniformly random string of distinct tokens.</summary>
    public static int[] Draw(int length, Random random) => Permutations.Draw(Count, length, random);

    /// <summary><c>bos problem sep answer eos</c> with an answer as long as the problem.</summary>
    public static TaskSample Answered(Vocabulary vocabulary, int[] problem, int[] answer) =>
        Questions.Answered(vocabulary, problem, answer, 2 * (Count - problem.Length));
}
