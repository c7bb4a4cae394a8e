namespace SubspaceCircuits.Tasks.Languages;

/// <summary>
/// Balanced brackets, <c>a</c> opens and <c>b</c> closes, never more than some depth: <c>D_n</c>. After a prefix of depth 0 comes <c>a</c> or
/// the end, of the greatest depth only <c>b</c>, else <c>a</c> or <c>b</c>.
/// </summary>
/// <remarks>Drawn in turns: up by a uniform number of brackets as far as depth and length allow, down by a uniform number.</remarks>
public sealed class Dyck : ILanguage
{
    private const int Open = 0;
    private readonly int _depth;

    /// <summary>Brackets of a greatest depth.</summary>
    public Dyck(int depth)
    {
        _depth = depth;
        // State i: i brackets are open.
        Automaton = new Automaton("ab", [.. Enumerable.Range(0, depth + 1).Select(open => (int[])[open < depth ? open + 1 : Automaton.None, open > 0 ? open - 1 : Automaton.None])], 0);
    }

    /// <inheritdoc/>
    public string Name => $"D{_depth}";

    /// <inheritdoc/>
    public Automaton Automaton { get; }

    /// <inheritdoc/>
    public bool HasLength(int length) => length % 2 == 0;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random)
    {
        var word = new int[length];
        Array.Fill(word, 1 - Open);
        int read = 0, open = 0;
        while (read + open < length)
        {
            var up = random.Next(1, Math.Min(_depth - open, (length - read - open) / 2) + 1);
            Array.Fill(word, Open, read, up);
            (read, open) = (read + up, open + up);
            if (read + open == length)
                break;
            var down = random.Next(1, open + 1);
            (read, open) = (read + down, open - down);
        }

        return word;
    }
}
