namespace SubspaceCircuits.Tasks.Languages;

/// <summary>
/// <c>{0,1,2}* 0 2*</c>: the last symbol other than 2 is a 0. Drawn as a uniform number of random symbols, a 0, and twos.
/// </summary>
public sealed class ZeroThenTwos : ILanguage
{
    /// <inheritdoc/>
    public string Name => "012_0_2";

    // State 1: the last symbol other than 2 is a 0.
    /// <inheritdoc/>
    public Automaton Automaton { get; } = new("012", [[1, 0, 0], [1, 0, 1]], 1);

    /// <inheritdoc/>
    public bool HasLength(int length) => length >= 1;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random)
    {
        var before = random.Next(length);
        return [.. random.GetItems((int[])[0, 1, 2], before), 0, .. Enumerable.Repeat(2, length - 1 - before)];
    }
}
