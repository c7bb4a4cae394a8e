namespace SubspaceCircuits.Tasks.Patterns;

/// <summary>
/// A pattern that has no n-gram twice, copied: <c>bos s sep s</c>. Scored: the second <c>s</c>
/// (Sappique's research log, data set <c>unique_ngram_pattern</c>).
/// </summary>
/// <remarks>Patterns are random trails in the de Bruijn graph over all characters, or over some drawn for every pattern.</remarks>
public sealed class UniqueNgramPattern : ITask
{
    private const int Longest = 1000;
    private readonly int _n;
    private readonly int _characters;
    private readonly int _tokens;
    private readonly bool _isMasked;

    private UniqueNgramPattern(TaskOptions options)
    {
        _n = options.Int("n", 2, 1, 8);
        _characters = options.Int("characters", 26, 2, Characters.Count);
        var longest = options.Int("longest", Math.Max(10, _n), _n, Longest);
        var shortest = options.Int("shortest", Math.Max(2, _n), _n, Longest);
        var tokens = options.Int("tokens_per_pattern", 0, 0, Characters.Count);
        _isMasked = options.Flag("mask", true);
        if (shortest > longest)
            throw new ArgumentException($"The shortest pattern should be no longer than the longest, but shortest is {shortest} and longest is {longest}.");
        if (tokens > _characters)
            throw new ArgumentException($"Each pattern can have at most all {_characters} characters, but tokens_per_pattern is {tokens}. Raise characters or lower tokens_per_pattern.");
        _tokens = tokens == 0 ? _characters : tokens;
        var nGrams = DeBruijnWalk.NGrams(_tokens, _n);
        if (longest - (_n - 1) > nGrams)
            throw new ArgumentException($"{_tokens} characters make {_tokens}^{_n} = {nGrams} different {_n}-grams, enough for patterns of up to {nGrams + _n - 1} characters, but longest is {longest}. Lower longest or raise n, characters or tokens_per_pattern.");
        (Name, Lengths) = (options.Name, (shortest, longest));
        Vocabulary = Characters.Vocabulary(_characters);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public (int Min, int Max) Lengths { get; }

    /// <inheritdoc/>
    public int NCtx => 2 * Lengths.Max + 2;

    /// <summary>
    /// The task with the options <c>n</c>, <c>characters</c> (size of the alphabet), <c>longest</c> and <c>shortest</c> (pattern),
    /// <c>tokens_per_pattern</c> (how many characters each pattern draws from, 0 for all) and <c>mask</c> (whether training leaves out what is
    /// not scored).
    /// </summary>
    public static ITask Create(TaskOptions options) => new UniqueNgramPattern(options);

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var alphabet = Permutations.Draw(_characters, _tokens, random);
        int[] pattern = [.. DeBruijnWalk.Draw(_tokens, _n, length, random).Select(token => alphabet[token])];
        return Characters.Sample([Vocabulary.Bos, .. pattern, Vocabulary["<sep>"], .. pattern], length + 2, _isMasked);
    }
}
