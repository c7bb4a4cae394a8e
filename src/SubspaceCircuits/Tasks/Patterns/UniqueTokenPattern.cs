namespace SubspaceCircuits.Tasks.Patterns;

/// <summary>
/// A pattern of distinct characters, repeated: <c>bos s s</c>. Scored: the second repetition from its second token on (its first is not
/// determined by what precedes it, because the pattern's length is not known).
/// </summary>
public sealed class UniqueTokenPattern : ITask
{
    private readonly int _characters;
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
        if (longest > _characters)
            throw new ArgumentException($"A pattern of {longest} distinct characters needs as many, but there are {_characters}. Raise characters or lower longest.");
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
    public int NCtx => 2 * Lengths.Max + 1;

    /// <summary>The task with the options <c>characters</c>, <c>longest</c> and <c>mask</c>.</summary>
    public static ITask Create(TaskOptions options) => new UniqueTokenPattern(options);

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var pattern = Permutations.Draw(_characters, length, random);
        int[] tokens = [Vocabulary.Bos, .. pattern, .. pattern];
        var targets = TaskSample.NextTokens(tokens, length + 2);
        return new TaskSample(tokens, targets) { LossTargets = _isMasked ? targets : TaskSample.NextTokens(tokens, 1) };
    }
}
