namespace SubspaceCircuits.Tasks.Languages;

/// <summary>
/// Tell what may come next in a word of a language: <c>bos s eos</c>. At <c>bos</c> and at every symbol the set of symbols that a word can
/// go on with is predicted, with <c>eos</c> where a word may end; nothing at <c>eos</c> (decompiling-transformers, tasks <c>bce_</c>).
/// </summary>
public sealed class NextSetTask : ITask
{
    private const int Longest = 150;
    private readonly ILanguage _language;
    private readonly int[][] _sets; // by state

    /// <summary>The task of a language.</summary>
    public NextSetTask(ILanguage language)
    {
        var automaton = language.Automaton;
        _language = language;
        Vocabulary = Vocabulary.WithSpecials(automaton.Alphabet.Select(symbol => $"{symbol}"));
        int[] lengths = [.. Enumerable.Range(1, Longest).Where(language.HasLength)];
        Lengths = (lengths[0], lengths[^1]);
        _sets = [.. Enumerable.Range(0, automaton.States)
            .Select(state => (int[])[.. automaton.Symbols(state), .. automaton.IsWord(state) ? (int[])[Vocabulary["<eos>"]] : []])];
    }

    /// <inheritdoc/>
    public string Name => $"bce_{_language.Name}";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public (int Min, int Max) Lengths { get; }

    /// <inheritdoc/>
    public int NCtx => Longest + 2;

    /// <inheritdoc/>
    public IScoring Scoring => NextSetScoring.Instance;

    /// <inheritdoc/>
    public bool HasLength(int length) => length >= Lengths.Min && length <= Lengths.Max && _language.HasLength(length);

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var word = _language.Draw(length, random);
        return TaskSample.PredictFrom([Vocabulary.Bos, .. word, Vocabulary["<eos>"]], 1) with
        {
            NextSets = SetsAfter(word),
            MaxOffset = Longest - length,
        };
    }

    /// <summary>The set after every prefix of a word, the empty one first; none after the end.</summary>
    private int[]?[] SetsAfter(int[] word)
    {
        var sets = new int[]?[word.Length + 2];
        var state = 0;
        for (var read = 0; read < word.Length; read++)
        {
            sets[read] = _sets[state];
            state = _language.Automaton.Next(state, word[read]);
        }

        sets[word.Length] = _sets[state];
        return sets;
    }
}
