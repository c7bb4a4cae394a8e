using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>A program with all that is needed to run and to compile it.</summary>
/// <param name="Id">Name, such as <c>sort_unique</c>.</param>
/// <param name="Outputs">What it computes: one variable, or several that stand side by side in one transformer.</param>
/// <param name="Vocabulary">Values of the tokens, in the order of their ids; BOS is not one.</param>
/// <param name="MaxLength">Longest sequence, BOS not counted.</param>
/// <param name="IsCausal">Whether attention sees earlier positions and its own only.</param>
public sealed record KnownProgram(string Id, IReadOnlyList<SequenceOperator> Outputs, IReadOnlyList<Value> Vocabulary, int MaxLength, bool IsCausal)
{
    /// <summary>
    /// A random sequence of a length from 1 to <see cref="MaxLength"/> on which the program is defined; null where it is defined on all. The declared
    /// distribution of inputs: causal labels and interchange tests are about it.
    /// </summary>
    public Func<Random, int, IReadOnlyList<Value>>? Sampler { get; init; }

    /// <summary>All variables, inputs first.</summary>
    public IReadOnlyList<SequenceOperator> Variables { get; } = Program.Ordered(Outputs);

    /// <summary>Names of the variables, each once: <c>and</c>, <c>and#2</c>.</summary>
    public IReadOnlyDictionary<SequenceOperator, string> Names => field ??= UniqueNames();

    /// <summary>Token ids of a sequence, after BOS.</summary>
    /// <exception cref="RaspException">A value is not in the vocabulary.</exception>
    public long[] TokenIds(IReadOnlyList<Value> tokens) => [Vocabulary.Count, .. tokens.Select(token => Enumerable.Range(0, Vocabulary.Count).Where(id => Vocabulary[id] == token).Cast<int?>().FirstOrDefault()
        ?? throw new RaspException($"{token} is not in the vocabulary of {Id}: {string.Join(" ", Vocabulary)}."))];

    /// <summary>A random sequence: of the declared distribution, else of independent, uniform tokens.</summary>
    /// <param name="random">Source of chance.</param>
    /// <param name="length">Tokens, from 1 to <see cref="MaxLength"/>.</param>
    public IReadOnlyList<Value> Sample(Random random, int length) => Sampler is { } sampler ? sampler(random, length)
        : [.. Enumerable.Range(0, length).Select(_ => Vocabulary[random.Next(Vocabulary.Count)])];

    /// <summary>Every variable at every position of one sequence.</summary>
    /// <inheritdoc cref="Interpreter.Run" path="/param|/returns|/exception"/>
    public IReadOnlyDictionary<SequenceOperator, IReadOnlyList<Value?>> Run(IReadOnlyList<Value> tokens,
        IReadOnlyDictionary<SequenceOperator, IReadOnlyList<Value?>>? overrides = null) => Interpreter.Run(Variables, tokens, IsCausal, overrides);

    private Dictionary<SequenceOperator, string> UniqueNames()
    {
        HashSet<string> taken = ["bos", "pad"];
        Dictionary<SequenceOperator, string> names = new(ReferenceEqualityComparer.Instance);
        foreach (var node in Variables)
        {
            names[node] = Enumerable.Range(1, int.MaxValue).Select(number => number == 1 ? node.Name : $"{node.Name}#{number}").First(name => !taken.Contains(name));
            taken.UnionWith([names[node], $"{names[node]}.scratch"]);
        }

        return names;
    }
}
