using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>Tokens of programs, by their number.</summary>
internal static class Vocabularies
{
    /// <summary>a, b, c, …</summary>
    public static IReadOnlyList<Value> Letters(int count) => Letters(count, fewest: 1);

    /// <summary>Letters, of which a program needs the first few.</summary>
    public static Func<int, IReadOnlyList<Value>> LettersFrom(int fewest) => count => Letters(count, fewest);

    /// <summary>0, 1, 2, …</summary>
    public static IReadOnlyList<Value> Numbers(int count) => [.. Enumerable.Range(0, Checked(count, 1, int.MaxValue)).Select(number => (Value)number)];

    /// <summary>Brackets, each opening one before its closing one, then letters.</summary>
    /// <param name="pairs">Such as <c>()</c>.</param>
    public static Func<int, IReadOnlyList<Value>> Brackets(params IReadOnlyList<string> pairs) => count =>
        [.. pairs.SelectMany(pair => pair).Select(bracket => (Value)bracket.ToString()), .. Run('a', Checked(count, 2 * pairs.Count, (2 * pairs.Count) + 26) - (2 * pairs.Count))];

    /// <summary>Names A, B, C, … and, last, the full stop.</summary>
    public static IReadOnlyList<Value> Names(int count) => [.. Run('A', Checked(count, 2, 27) - 1), "."];

    private static IReadOnlyList<Value> Letters(int count, int fewest) => [.. Run('a', Checked(count, fewest, 26))];

    private static IEnumerable<Value> Run(char first, int count) => Enumerable.Range(0, count).Select(place => (Value)((char)(first + place)).ToString());

    private static int Checked(int count, int fewest, int most) => count >= fewest && count <= most ? count
        : throw new ArgumentOutOfRangeException(nameof(count), count, $"This program takes {fewest} to {most} different tokens.");
}
