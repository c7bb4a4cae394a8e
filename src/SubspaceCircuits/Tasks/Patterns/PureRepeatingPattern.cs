namespace SubspaceCircuits.Tasks.Patterns;

/// <summary>
/// A pattern of distinct characters, repeated and cut to a context: <c>bos s s s…</c>. Scored: everything from the second token of the second
/// repetition on (its first is not determined by what precedes it, because the pattern's length is not known)
/// (Sappique's research log, data set <c>pure_repeating_pattern</c>).
/// </summary>
public sealed class PureRepeatingPattern : ITask
{
    private readonly int _characters;
    private readonly int _context;
    private readonly bool _isMasked;

    private PureRepeatingPattern(TaskOptions options)
    {
        _characters = options.Int("characters", 36, 2, Characters.Count);
        var longest = options.Int("longest", 20, 2, Characters.Count);
        Characters.RequireDistinct(_characters, longest);
        _context = options.Int("context", 63, 4, 1023);
        if (_context < longest + 2)
            throw new ArgumentException($"A pattern of {longest} characters is predicted from the second of its repetition on, at least {longest + 2} characters, but context is {_context}. Raise context or lower longest.");
        _isMasked = options.Flag("mask", false);
        (Name, Lengths) = (options.Name, (2, longest));
        Vocabulary = Characters.Vocabulary(_characters);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public (int Min, int Max) Lengths { get; }

    /// <inheritdoc/>
    public int NCtx => _context + 1;

    /// <summary>
    /// The task with the options <c>characters</c> (size of the alphabet), <c>longest</c> (pattern), <c>context</c> (characters in a sequence)
    /// and <c>mask</c> (whether training leaves out what is not scored).
    /// </summary>
    public static ITask Create(TaskOptions options) => new PureRepeatingPattern(options);

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var pattern = Permutations.Draw(_characters, length, random);
        return Characters.Sample([Vocabulary.Bos, .. Enumerable.Range(0, _context).Select(i => pattern[i % length])], length + 2, _isMasked);
    }
}
