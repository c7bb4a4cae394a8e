namespace SubspaceCircuits.Tasks.Languages;

/// <summary>Each of five letters at least once, in order: <c>a⁺b⁺c⁺d⁺e⁺</c>. A letter is followed by itself or the next one, <c>e</c> by itself or the end.</summary>
public sealed class Abcde : ILanguage
{
    private const int Letters = 5;

    /// <inheritdoc/>
    public string Name => "abcde";

    // State i: i letters have begun.
    /// <inheritdoc/>
    public Automaton Automaton { get; } = new("abcde", [.. Enumerable.Range(0, Letters + 1).Select(begun =>
        (int[])[.. Enumerable.Range(1, Letters).Select(letter => letter == begun || letter == begun + 1 ? letter : Automaton.None)])], Letters);

    /// <inheritdoc/>
    public bool HasLength(int length) => length >= Letters;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random) =>
        [.. Cuts.Draw(length - Letters, Letters, random).SelectMany((more, letter) => Enumerable.Repeat(letter, 1 + more))];
}
