namespace SubspaceCircuits.Tasks.Languages.Tomita;

/// <summary>
/// Tomita's seventh language: <c>0*1*0*1*</c>. Drawn as four blocks, any of them empty. What may follow is that of the language: a block
/// counts when it must have begun, so that <c>1</c> alone can still go on with <c>01</c>.
/// </summary>
public sealed class Tomita7 : ILanguage
{
    /// <inheritdoc/>
    public string Name => "tomita7";

    // State i: the block of the last symbol, where blocks are as full as can be.
    /// <inheritdoc/>
    public Automaton Automaton { get; } = new("01", [[0, 1], [2, 1], [2, 3], [Automaton.None, 3]], 0, 1, 2, 3);

    /// <inheritdoc/>
    public bool HasLength(int length) => length >= 1;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random) =>
        [.. Cuts.Draw(length, 4, random).SelectMany((size, block) => Enumerable.Repeat(block % 2, size))];
}
