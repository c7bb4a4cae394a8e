using CsCheck;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Tasks;

/// <summary>Reads samples as text, so that a definition can be checked in its own words.</summary>
internal static class Framing
{
    private const int Samples = 300;

    /// <summary>Draws problems of all lengths: the tokens after <c>bos</c> by name and, for each, whether it must be predicted.</summary>
    public static void ForEach(string name, Action<int, string[], bool[]> check)
    {
        var task = TaskRegistry.Find(name);
        Gen.Select(TaskTests.LengthsOf(task), Gen.Int).Sample((length, seed) =>
        {
            var sample = task.Sample(length, new Random(seed));
            check(length, [.. sample.Tokens.Skip(1).Select(token => task.Vocabulary.Tokens[token])], [.. sample.Targets.SkipLast(1).Select(target => target != TaskSample.Unsupervised)]);
        }, iter: Samples, threads: 1);
    }

    /// <summary>As <see cref="ForEach"/> for <c>question sep answer</c>, where exactly what follows <c>sep</c> must be predicted.</summary>
    public static void ForEachAnswer(string name, Action<int, string[], string[]> check) => ForEach(name, (length, tokens, isPredicted) =>
    {
        var separator = Array.IndexOf(tokens, "<sep>");
        Assert.Equal(tokens.Select((_, i) => i > separator), isPredicted);
        check(length, tokens[..separator], tokens[(separator + 1)..]);
    });

    /// <summary>Whether no run of n tokens stands there twice.</summary>
    public static bool HasDistinctNgrams(string[] tokens, int n)
    {
        string[] ngrams = [.. Enumerable.Range(0, tokens.Length - n + 1).Select(i => string.Join(' ', tokens[i..(i + n)]))];
        return ngrams.Distinct().Count() == ngrams.Length;
    }
}
