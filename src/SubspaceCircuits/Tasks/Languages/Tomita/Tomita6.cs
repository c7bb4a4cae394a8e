namespace SubspaceCircuits.Tasks.Languages.Tomita;

/// <summary>
/// Tomita's sixth language: zeros minus ones is a multiple of 3. Drawn with a uniform number of zeros among those that fit, shuffled, of odd
/// lengths only, as published (the language has words of even length too).
/// </summary>
public sealed class Tomita6 : ILanguage
{
    /// <inheritdoc/>
    public string Name => "tomita6";

    // State: zeros minus ones modulo 3.
    /// <inheritdoc/>
    public Automaton Automaton { get; } = new("01", [[1, 2], [2, 0], [0, 1]], 0);

    /// <inheritdoc/>
    public bool HasLength(int length) => length >= 3 && length % 2 == 1;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random)
    {
        int zeros;
        do
            zeros = random.Next(length + 1);
        while ((2 * zeros - length) % 3 != 0);
        var word = new int[length];
        Array.Fill(word, 1, zeros, length - zeros);
        random.Shuffle(word);
        return word;
    }
}
