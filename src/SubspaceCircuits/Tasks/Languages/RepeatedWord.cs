namespace SubspaceCircuits.Tasks.Languages;

/// <summary>
/// A word repeated any number of times: <c>(aa)*</c>, <c>(aaaa)*</c>, <c>(abab)*</c>, and Tomita's first two languages, <c>1*</c> and
/// <c>(10)*</c>.
/// </summary>
public sealed class RepeatedWord : ILanguage
{
    private readonly int[] _word;

    /// <summary>The language <c>word*</c>.</summary>
    /// <param name="name">Published name.</param>
    /// <param name="word">What is repeated.</param>
    /// <param name="alphabet">Symbols, ascending; more than the word has are allowed.</param>
    public RepeatedWord(string name, string word, string alphabet)
    {
        (Name, _word) = (name, [.. word.Select(symbol => alphabet.IndexOf(symbol, StringComparison.Ordinal))]);
        // State i: i symbols of the word were read.
        Automaton = new Automaton(alphabet, [.. _word.Select((expected, i) => Row(alphabet.Length, expected, (i + 1) % word.Length))], 0);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Automaton Automaton { get; }

    /// <inheritdoc/>
    public bool HasLength(int length) => length % _word.Length == 0;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random) => [.. Enumerable.Range(0, length).Select(i => _word[i % _word.Length])];

    private static int[] Row(int symbols, int expected, int next)
    {
        var row = new int[symbols];
        Array.Fill(row, Automaton.None);
        row[expected] = next;
        return row;
    }
}
