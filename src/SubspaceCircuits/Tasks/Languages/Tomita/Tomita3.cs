namespace SubspaceCircuits.Tasks.Languages.Tomita;

/// <summary>Tomita's third language: no run of zeros of odd length directly after a run of ones of odd length.</summary>
/// <remarks>
/// Drawn in runs: a fair coin decides the symbol (the same one again makes the run longer), then a length <c>c</c> of those that fit into
/// what is left, with weight <c>left + 1 − c</c>. After an odd run of ones only even numbers of zeros are drawn, and a single 1 where one
/// place is left.
/// </remarks>
public sealed class Tomita3 : ILanguage
{
    private const int Free = 0, OddOnes = 1, OddZeros = 2, EvenZeros = 3;

    /// <inheritdoc/>
    public string Name => "tomita3";

    // Free: an even run of ones, or zeros that do not follow an odd one. OddZeros and EvenZeros follow an odd run of ones.
    /// <inheritdoc/>
    public Automaton Automaton { get; } = new("01", [[Free, OddOnes], [OddZeros, Free], [EvenZeros, Automaton.None], [OddZeros, OddOnes]], Free, OddOnes, EvenZeros);

    /// <inheritdoc/>
    public bool HasLength(int length) => length >= 1;

    /// <inheritdoc/>
    public int[] Draw(int length, Random random)
    {
        List<int> word = new(length);
        var state = Free;
        while (word.Count < length)
        {
            var left = length - word.Count;
            var symbol = random.Next(2);
            var isPaired = symbol == 0 && state is OddOnes or EvenZeros;
            if (isPaired && left == 1)
                (symbol, isPaired) = (1, false);
            var run = isPaired ? DrawRun(left, 2, random) : DrawRun(left, 1, random);
            for (var i = 0; i < run; i++)
            {
                word.Add(symbol);
                state = Automaton.Next(state, symbol);
            }
        }

        return [.. word];
    }

    /// <summary>A multiple of <paramref name="step"/> up to what is left, <c>c</c> with weight <c>left + 1 − c</c>.</summary>
    private static int DrawRun(int left, int step, Random random)
    {
        int[] lengths = [.. Enumerable.Range(1, left / step).Select(i => i * step)];
        var place = random.Next(lengths.Sum(length => left + 1 - length));
        foreach (var length in lengths)
        {
            place -= left + 1 - length;
            if (place < 0)
                return length;
        }

        throw new InvalidOperationException("The weights add up to what was drawn from.");
    }
}
