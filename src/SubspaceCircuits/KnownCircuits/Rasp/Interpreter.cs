namespace SubspaceCircuits.KnownCircuits.Rasp;

/// <summary>Runs a program on one sequence, exactly: what a compiled transformer is compared with.</summary>
public static class Interpreter
{
    /// <summary>Every variable at every position.</summary>
    /// <param name="variables">The program: every variable after its inputs, as <see cref="Program.Ordered"/> gives them.</param>
    /// <param name="tokens">The sequence, without BOS.</param>
    /// <param name="isCausal">Whether selectors see earlier positions and their own only.</param>
    /// <param name="overrides"><c>do(variable := values)</c>: variables that have these values in the place of their own; null for none.</param>
    /// <returns>Values by variable, as many as tokens; null is None.</returns>
    /// <exception cref="RaspException">An override has another length, a value is not among the declared ones, or attention finds two different values of a categorical variable.</exception>
    public static IReadOnlyDictionary<SequenceOperator, IReadOnlyList<Value?>> Run(IReadOnlyList<SequenceOperator> variables, IReadOnlyList<Value> tokens, bool isCausal,
        IReadOnlyDictionary<SequenceOperator, IReadOnlyList<Value?>>? overrides = null)
    {
        Dictionary<SequenceOperator, IReadOnlyList<Value?>> values = new(ReferenceEqualityComparer.Instance);
        foreach (var node in variables)
        {
            values[node] = overrides?.TryGetValue(node, out var given) == true ? given : Evaluate(node, [.. node.Inputs.Select(input => values[input])], tokens, isCausal);
            if (values[node].Count != tokens.Count)
                throw new RaspException($"{node} was given {values[node].Count} values, but there are {tokens.Count} tokens.");
            if (node.DeclaredValues is { } declared && values[node].FirstOrDefault(value => value is not null && !declared.Contains(value)) is { } other)
                throw new RaspException($"{node} became {other}, which is not among the values declared for it.");
        }

        return values;
    }

    /// <summary>One variable at every position, from the values of its inputs.</summary>
    /// <param name="node">The variable.</param>
    /// <param name="inputs">Values of its inputs, in their order; one that is both key and query may have different values as each.</param>
    /// <param name="tokens">The sequence.</param>
    /// <param name="isCausal">Direction of attention.</param>
    /// <exception cref="RaspException">Attention finds two different values of a categorical variable.</exception>
    public static IReadOnlyList<Value?> Evaluate(SequenceOperator node, IReadOnlyList<IReadOnlyList<Value?>> inputs, IReadOnlyList<Value> tokens, bool isCausal)
    {
        return node switch
        {
            Tokens => [.. tokens],
            Indices => [.. Enumerable.Range(0, tokens.Count).Select(index => (Value)index)],
            Full full => [.. tokens.Select(_ => full.Value)],
            Map map => [.. inputs[0].Select(value => value is null ? null : map.Function(value))],
            SequenceMap map => [.. inputs[0].Zip(inputs[1], (a, b) => a is null || b is null ? null : map.Function(a, b))],
            LinearSequenceMap map => [.. inputs[0].Zip(inputs[1], (a, b) => a is null || b is null ? null : (Value?)((map.Alpha * a.Number) + (map.Beta * b.Number)))],
            Aggregate aggregate => [.. Selected(aggregate.Selector).Select(positions => Found(aggregate, [.. positions.Select(position => inputs[2][position])]))],
            SelectorWidth width => [.. Selected(width.Selector).Select(positions => (Value)positions.Count)],
            _ => throw new RaspException($"{node} is of a kind that the interpreter does not know."),
        };

        IEnumerable<IReadOnlyList<int>> Selected(Selector selector) => inputs[1].Select((query, at) => (IReadOnlyList<int>)
            [.. Enumerable.Range(0, isCausal ? at + 1 : tokens.Count).Where(position => query is not null && inputs[0][position] is { } key && selector.Predicate(key, query))]);
    }

    private static Value? Found(Aggregate aggregate, IReadOnlyList<Value?> found)
    {
        if (aggregate.Encoding is Encoding.Numerical)
            return found.Count == 0 ? 0 : found.Aggregate((Rational)0, (sum, value) => sum + (value?.Number ?? 0)) / found.Count;
        return found.Distinct().Count() switch
        {
            0 => null,
            1 => found[0],
            _ => throw new RaspException($"{aggregate} finds {string.Join(" and ", found.Distinct().Take(2).Select(value => value?.ToString() ?? "None"))} at one position: a categorical value must be the same wherever its selector looks."),
        };
    }
}
