namespace SubspaceCircuits.Tasks.Patterns;

/// <summary>
/// A pattern of distinct characters, repeated: <c>bos s s</c>, or more often. Scored: everything from the second token of the second
/// repetition on (its first is not determined by what precedes it, because the pattern's length is not known)
/// (Sappique's research log, data set <c>unique_token_pattern</c>).
/// </summary>
public sealed class UniqueTokenPattern : ITask
{
    private readonly int _characters;
    private readonly int _repetitions;
    private readonly bool _isMasked;

    /// <summary>Patterns of some characters.</summary>
    /// <param name="characters">Size of the alphabet, 2 to 62: a to z, A to Z, then digits.</param>
    /// <param name="longest">Longest pattern, at most the alphabet.</param>
    /// <param name="isMasked">Whether training leaves out what is not scored, the first repetition; else it predicts every token.</param>
    public UniqueTokenPattern(int characters = 26, int longest = 10, bool isMasked = true)
        : this(new TaskOptions("unique_token_pattern", new Dictionary<string, string> { ["characters"] = $"{characters}", ["longest"] = $"{longest}", ["mask"] = isMasked ? "true" : "false" }))
    {
    }

    private UniqueTokenPattern(TaskOptions options)
    {
        _characters = options.Int("characters", 26, 2, Characters.Count);
        var longest = options.Int("longest", 10, 2, Characters.Count);
        Characters.RequireDistinct(_characters, longest);
        _repetitions = options.Int("repetitions", 2, 2, 16);
        _isMasked = options.Flag("mask", true);
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
    public int NCtx => _repetitions * Lengths.Max + 1;

    /// <summary>
    /// The task with the options <c>characters</c> (size of the alphabet), <c>longest</c> (pattern), <c>repetitions</c> (how often it stands
    /// there, the first time included) and <c>mask</c> (whether training leaves out what is not scored).
    /// </summary>
    public static ITask Create(TaskOptions options) => new UniqueTokenPattern(options);

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var pattern = Permutations.Draw(_characters, length, random);
        return Characters.Sample([Vocabulary.Bos, .. Enumerable.Repeat(pattern, _repetitions).SelectMany(tokens => tokens)], length + 2, _isMasked);
    }
}
