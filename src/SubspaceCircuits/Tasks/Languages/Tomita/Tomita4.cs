namespace SubspaceCircuits.Tasks.Languages.Tomita;

/// <summary>Tomita's fourth language: no <c>000</c>. Drawn with fair coins, where a third zero is drawn again.</summary>
public sealed class Tomita4 : ILanguage
{
    /// <inheritdoc/>
    public string Name => "tomita4";

    // State i: the last i symbols are zeros.
    /// <inheritdoc/>
    public Automaton Automaton { get; } = new("01", [[1, 0], [2, 0], [Automaton.None, 0]], 0, 1, 2);

    /// <inheritdoc/>
    public bool HasLength(int length) => length >= 1;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random)
    {
        var word = new int[length];
        var zeros = 0;
        for (var i = 0; i < length; i++)
        {
            word[i] = zeros == 2 ? 1 : random.Next(2);
            zeros = word[i] == 0 ? zeros + 1 : 0;
        }

        return word;
    }
}
