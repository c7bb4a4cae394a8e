namespace SubspaceCircuits.Tasks.Languages;

/// <summary>
/// <c>{a,b}* d {b,c}*</c>. Drawn with <c>d</c> at a uniform place, a uniform number of <c>a</c> before and of <c>c</c> after it, shuffled.
/// </summary>
public sealed class AbDBc : ILanguage
{
    private const int A = 0, B = 1, C = 2, D = 3;

    /// <inheritdoc/>
    public string Name => "ab_d_bc";

    // State 0: before d; state 1: after it.
    /// <inheritdoc/>
    public Automaton Automaton { get; } = new("abcd", [[0, 0, Automaton.None, 1], [Automaton.None, 1, 1, Automaton.None]], 1);

    /// <inheritdoc/>
    public bool HasLength(int length) => length >= 1;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random)
    {
        var before = random.Next(length);
        return [.. Mixed(A, before, random), D, .. Mixed(C, length - 1 - before, random)];
    }

    /// <summary>A uniform number of one symbol among <c>b</c>.</summary>
    private static int[] Mixed(int symbol, int length, Random random)
    {
        var part = new int[length];
        Array.Fill(part, B);
        Array.Fill(part, symbol, 0, random.Next(length + 1));
        random.Shuffle(part);
        return part;
    }
}
