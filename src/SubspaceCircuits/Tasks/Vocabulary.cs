namespace SubspaceCircuits.Tasks;

/// <summary>The tokens of a task in the order of their ids; the special tokens stand at the end.</summary>
public sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;

    /// <summary>Creates a vocabulary of task tokens followed by <c>&lt;bos&gt; &lt;sep&gt; &lt;eos&gt; &lt;pad&gt;</c>.</summary>
    public static Vocabulary WithSpecials(IEnumerable<string> taskTokens) => new([.. taskTokens, "<bos>", "<sep>", "<eos>", "<pad>"]);

    /// <summary>Creates a vocabulary from all its tokens, the specials included.</summary>
    /// <exception cref="ArgumentException">Two tokens are alike, or <c>&lt;bos&gt;</c> or <c>&lt;pad&gt;</c> is missing.</exception>
    public Vocabulary(IReadOnlyList<string> tokens)
    {
        Tokens = tokens;
        _ids = [];
        for (var id = 0; id < tokens.Count; id++)
        {
            if (!_ids.TryAdd(tokens[id], id))
                throw new ArgumentException($"The token '{tokens[id]}' stands in the vocabulary twice, at {_ids[tokens[id]]} and at {id}.");
        }

        (Bos, Pad) = (this["<bos>"], this["<pad>"]);
        TaskTokens = tokens.TakeWhile(token => !token.StartsWith('<')).Count();
    }

    /// <summary>All tokens; the index is the id.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>How many tokens belong to the task; their ids are 0 to this, exclusive.</summary>
    public int TaskTokens { get; }

    /// <summary>Id of the token that begins every sequence.</summary>
    public int Bos { get; }

    /// <summary>Id of the token that fills rows up.</summary>
    public int Pad { get; }

    /// <summary>Id of a token.</summary>
    /// <exception cref="ArgumentException">The vocabulary does not have it.</exception>
    public int this[string token] => _ids.TryGetValue(token, out var id) ? id
        : throw new ArgumentException($"The vocabulary of {Tokens.Count} tokens has no '{token}'.");
}
