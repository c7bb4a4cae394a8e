namespace SubspaceCircuits.KnownCircuits.Rasp;

/// <summary>Which key positions each query position looks at: those whose values satisfy a condition together. A None selects nothing and is not selected.</summary>
/// <param name="Keys">Variable of the keys, categorical.</param>
/// <param name="Queries">Variable of the queries, categorical.</param>
/// <param name="Predicate">Condition on (key, query).</param>
public sealed record Selector(SequenceOperator Keys, SequenceOperator Queries, Func<Value, Value, bool> Predicate)
{
    /// <summary>Both conditions.</summary>
    /// <exception cref="RaspException">The two have not the same keys and queries.</exception>
    public Selector And(Selector other) => Joined(other, (a, b) => a && b);

    /// <summary>Either condition.</summary>
    /// <inheritdoc cref="And"/>
    public Selector Or(Selector other) => Joined(other, (a, b) => a || b);

    /// <summary>The opposite; a None still selects nothing.</summary>
    public Selector Not() => this with { Predicate = (key, query) => !Predicate(key, query) };

    private Selector Joined(Selector other, Func<bool, bool, bool> join) => ReferenceEquals(Keys, other.Keys) && ReferenceEquals(Queries, other.Queries)
        ? this with { Predicate = (key, query) => join(Predicate(key, query), other.Predicate(key, query)) }
        : throw new RaspException($"Selectors can be joined when they have the same keys and queries, but one has ({Keys}, {Queries}), the other ({other.Keys}, {other.Queries}).");
}
