using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>What programs are written over, and the words that many of them use. Programs over the same inputs stand side by side in one transformer.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="Indices">Their indices.</param>
/// <param name="Vocabulary">Values of the tokens.</param>
/// <param name="MaxLength">Longest sequence.</param>
internal sealed record ProgramInputs(Tokens Tokens, Indices Indices, IReadOnlyList<Value> Vocabulary, int MaxLength)
{
    /// <summary>All positions, for every query.</summary>
    public Selector Everywhere => Program.Select(Indices, Indices, (_, _) => true);

    /// <summary>A token's position and those before it.</summary>
    public Selector SoFar => Program.Select(Indices, Indices, (key, query) => key <= query);

    /// <summary>How many tokens there are; how many so far, where attention is causal.</summary>
    public SequenceOperator Length() => Program.Width("length", Program.Select(Tokens, Tokens, (_, _) => true));

    /// <summary>How often each token occurs; how often so far, where attention is causal.</summary>
    /// <param name="name">Name of the result.</param>
    public SequenceOperator Histogram(string name = "hist") => Program.Width(name, Program.Select(Tokens, Tokens, (key, query) => key == query));

    /// <summary>The value so many positions earlier.</summary>
    public SequenceOperator Shift(string name, SequenceOperator value, int offset) => Program.ShiftBy(name, value, Indices, offset);

    /// <summary>The value at an index.</summary>
    public SequenceOperator At(string name, SequenceOperator index, SequenceOperator value) => Program.Aggregate(name, Program.Select(Indices, index, (key, query) => key == query), value);

    /// <summary>1 where the token is this one, 0 elsewhere, as a number.</summary>
    public SequenceOperator Is(string name, Value token) => Program.Map(name, Tokens, value => value == token ? 1 : 0, Encoding.Numerical);

    /// <summary>Tokens with their indices: as many different values as tokens times positions, equal tokens in the order of their positions.</summary>
    public SequenceOperator Placed(string name) => Program.Map(name, Tokens, Indices, Value.Pair);

    /// <summary>The index counted from the end; None where there is no such position.</summary>
    /// <param name="name">Name of the result.</param>
    /// <param name="length">The length.</param>
    /// <param name="distance">1 for the last.</param>
    public static SequenceOperator FromEnd(string name, SequenceOperator length, int distance) => Program.Map(name, length, n => n.Number >= distance ? n.Number - distance : null);

    /// <summary>Whether both are true.</summary>
    public static SequenceOperator And(string name, SequenceOperator first, SequenceOperator second) => Program.Map(name, first, second, (a, b) => a.IsTrue && b.IsTrue);
}
