namespace SubspaceCircuits.Tasks.Languages.Tomita;

/// <summary>Tomita's fifth language: evenly many zeros and evenly many ones. Drawn with a uniform even number of zeros, shuffled.</summary>
public sealed class Tomita5 : ILanguage
{
    /// <inheritdoc/>
    public string Name => "tomita5";

    // State: zeros modulo 2, and twice the ones modulo 2.
    /// <inheritdoc/>
    public Automaton Automaton { get; } = new("01", [.. Enumerable.Range(0, 4).Select(state => (int[])[state ^ 1, state ^ 2])], 0);

    /// <inheritdoc/>
    public bool HasLength(int length) => length % 2 == 0;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random)
    {
        var word = new int[length];
        Array.Fill(word, 1, 0, length - 2 * random.Next(length / 2 + 1));
        random.Shuffle(word);
        return word;
    }
}
