namespace SubspaceCircuits.KnownCircuits.Rasp;

/// <summary>The words that programs are written in. Each checks that its variables have the encoding it needs.</summary>
public static class Program
{
    /// <summary><c>f(a)</c>, position by position.</summary>
    public static SequenceOperator Map(string name, SequenceOperator input, Func<Value, Value?> function, Encoding encoding = Encoding.Categorical) =>
        new Map(name, encoding, input, function);

    /// <summary><c>f(a, b)</c>, position by position; of a variable with itself, <c>f(a, a)</c> as a map.</summary>
    /// <exception cref="RaspException">A variable is numerical.</exception>
    public static SequenceOperator Map(string name, SequenceOperator first, SequenceOperator second, Func<Value, Value, Value?> function)
    {
        Require(Encoding.Categorical, name, first, second);
        return ReferenceEquals(first, second) ? new Map(name, Encoding.Categorical, first, value => function(value, value)) : new SequenceMap(name, Encoding.Categorical, first, second, function);
    }

    /// <summary><c>αa + βb</c>.</summary>
    /// <param name="name">Name of the result.</param>
    /// <param name="first">a.</param>
    /// <param name="alpha">α.</param>
    /// <param name="second">b.</param>
    /// <param name="beta">β.</param>
    /// <param name="values">All values it can have, where they are fewer than those of all pairs (a and b may share a denominator); null to find them.</param>
    /// <exception cref="RaspException">A variable is categorical.</exception>
    public static SequenceOperator Linear(string name, SequenceOperator first, Rational alpha, SequenceOperator second, Rational beta, IReadOnlyList<Value>? values = null)
    {
        Require(Encoding.Numerical, name, first, second);
        return new LinearSequenceMap(name, first, second, alpha, beta) { DeclaredValues = values };
    }

    /// <summary>The same value everywhere.</summary>
    public static SequenceOperator Full(string name, Value value, Encoding encoding = Encoding.Categorical) => new Full(name, encoding, value);

    /// <summary>Positions whose key and query satisfy a condition.</summary>
    /// <exception cref="RaspException">A variable is numerical.</exception>
    public static Selector Select(SequenceOperator keys, SequenceOperator queries, Func<Value, Value, bool> predicate)
    {
        Require(Encoding.Categorical, "a selector", keys, queries);
        return new Selector(keys, queries, predicate);
    }

    /// <summary>Positions whose key satisfies a condition, whatever the query.</summary>
    /// <exception cref="RaspException">The variable is numerical.</exception>
    public static Selector SelectKey(SequenceOperator keys, Func<Value, bool> predicate) => Select(keys, keys, (key, _) => predicate(key));

    /// <summary>What the selector finds.</summary>
    /// <param name="name">Name of the result.</param>
    /// <param name="selector">Where it looks.</param>
    /// <param name="value">What it takes from there.</param>
    /// <param name="values">All values a mean can have, where the author knows better than inference; null to find them.</param>
    public static SequenceOperator Aggregate(string name, Selector selector, SequenceOperator value, IReadOnlyList<Value>? values = null) =>
        new Aggregate(name, selector, value) { DeclaredValues = values };

    /// <summary>How many positions the selector selects.</summary>
    public static SequenceOperator Width(string name, Selector selector, Encoding encoding = Encoding.Categorical) => new SelectorWidth(name, encoding, selector);

    /// <summary>The value so many positions earlier; None before the start.</summary>
    /// <param name="name">Name of the result.</param>
    /// <param name="value">What is moved.</param>
    /// <param name="indices">The indices of this program.</param>
    /// <param name="offset">Positions; negative for later ones.</param>
    public static SequenceOperator ShiftBy(string name, SequenceOperator value, SequenceOperator indices, int offset) =>
        Aggregate(name, Select(indices, indices, (key, query) => query.Number == key.Number + offset), value);

    private static void Require(Encoding encoding, string user, params SequenceOperator[] inputs)
    {
        if (inputs.FirstOrDefault(input => input.Encoding != encoding) is { } wrong)
            throw new RaspException($"{user} needs {(encoding is Encoding.Categorical ? "categorical" : "numerical")} variables, but {wrong} is {(encoding is Encoding.Categorical ? "numerical" : "categorical")}. Give it that encoding with a map.");
    }

    /// <summary>Variables and all they are computed from, each once, inputs first.</summary>
    public static IReadOnlyList<SequenceOperator> Ordered(params IReadOnlyList<SequenceOperator> roots)
    {
        List<SequenceOperator> order = [];
        HashSet<SequenceOperator> seen = new(ReferenceEqualityComparer.Instance);
        void Visit(SequenceOperator node)
        {
            if (!seen.Add(node))
                return;
            foreach (var input in node.Inputs)
                Visit(input);
            order.Add(node);
        }

        foreach (var root in roots)
            Visit(root);
        return order;
    }
}
