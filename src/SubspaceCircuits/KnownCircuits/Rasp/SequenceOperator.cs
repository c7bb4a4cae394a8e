namespace SubspaceCircuits.KnownCircuits.Rasp;

/// <summary>How a variable lies in the residual stream.</summary>
public enum Encoding
{
    /// <summary>A direction for each value.</summary>
    Categorical,

    /// <summary>One direction, along which the value is the coordinate.</summary>
    Numerical,
}

/// <summary>
/// A node of a program: maps a sequence to another of the same length (an s-op of Weiss, Goldberg and Yahav 2021). Nodes are the same when they are the
/// same object. Made by <see cref="Program"/>, which checks.
/// </summary>
public abstract class SequenceOperator
{
    private protected SequenceOperator(string name, Encoding encoding, params SequenceOperator[] inputs) => (Name, Encoding, Inputs) = (name, encoding, inputs);

    /// <summary>Name of the variable, for people.</summary>
    public string Name { get; init; }

    /// <summary>How it lies in the residual stream.</summary>
    public Encoding Encoding { get; }

    /// <summary>What it is computed from; keys, queries, then the value of attention.</summary>
    public IReadOnlyList<SequenceOperator> Inputs { get; }

    /// <summary>All values it can have, when the program's author knows better than inference by parts; else null.</summary>
    public IReadOnlyList<Value>? DeclaredValues { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>The tokens.</summary>
public sealed class Tokens() : SequenceOperator("tokens", Encoding.Categorical);

/// <summary>0, 1, 2, …</summary>
public sealed class Indices() : SequenceOperator("indices", Encoding.Categorical);

/// <summary>The same value everywhere.</summary>
public sealed class Full : SequenceOperator
{
    internal Full(string name, Encoding encoding, Value value) : base(name, encoding) => Value = value;

    /// <summary>The value.</summary>
    public Value Value { get; }
}

/// <summary>A function of one variable; None stays None.</summary>
public sealed class Map : SequenceOperator
{
    internal Map(string name, Encoding encoding, SequenceOperator input, Func<Value, Value?> function) : base(name, encoding, input) => Function = function;

    /// <summary>The function; null is None.</summary>
    public Func<Value, Value?> Function { get; }
}

/// <summary>A function of two variables; None where either is.</summary>
public sealed class SequenceMap : SequenceOperator
{
    internal SequenceMap(string name, Encoding encoding, SequenceOperator first, SequenceOperator second, Func<Value, Value, Value?> function) : base(name, encoding, first, second) => Function = function;

    /// <summary>The function; null is None.</summary>
    public Func<Value, Value, Value?> Function { get; }
}

/// <summary><c>αa + βb</c> of two numerical variables.</summary>
public sealed class LinearSequenceMap : SequenceOperator
{
    internal LinearSequenceMap(string name, SequenceOperator first, SequenceOperator second, Rational alpha, Rational beta) : base(name, Encoding.Numerical, first, second) => (Alpha, Beta) = (alpha, beta);

    /// <summary>α.</summary>
    public Rational Alpha { get; }

    /// <summary>β.</summary>
    public Rational Beta { get; }
}

/// <summary>What a selector finds: the value there (categorical) or the mean of the values there (numerical). Categorical: None where nothing is selected; numerical: 0.</summary>
public sealed class Aggregate : SequenceOperator
{
    internal Aggregate(string name, Selector selector, SequenceOperator value) : base(name, value.Encoding, selector.Keys, selector.Queries, value) => (Selector, Value) = (selector, value);

    /// <summary>What selects.</summary>
    public Selector Selector { get; }

    /// <summary>What is taken from there.</summary>
    public SequenceOperator Value { get; }
}

/// <summary>How many positions a selector selects.</summary>
public sealed class SelectorWidth : SequenceOperator
{
    internal SelectorWidth(string name, Encoding encoding, Selector selector) : base(name, encoding, selector.Keys, selector.Queries) => Selector = selector;

    /// <summary>What selects.</summary>
    public Selector Selector { get; }
}
