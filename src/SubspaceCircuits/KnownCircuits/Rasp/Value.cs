namespace SubspaceCircuits.KnownCircuits.Rasp;

/// <summary>
/// A value of a program's variable: true or false, a number, text, or a pair of values. Equal by content, in a total order (truths, numbers, texts, pairs).
/// RASP's None is null.
/// </summary>
public sealed record Value : IComparable<Value>
{
    private readonly Rational? _number;
    private readonly bool? _truth;
    private readonly string? _text;
    private readonly (Value First, Value Second)? _pair;

    private Value(Rational? number = null, bool? truth = null, string? text = null, (Value, Value)? pair = null) => (_number, _truth, _text, _pair) = (number, truth, text, pair);

    /// <summary>The number.</summary>
    /// <exception cref="RaspException">It is not one.</exception>
    public Rational Number => _number ?? throw NotA("number");

    /// <summary>Whether it is true.</summary>
    /// <exception cref="RaspException">It is not a truth value.</exception>
    public bool IsTrue => _truth ?? throw NotA("truth value");

    /// <summary>The text.</summary>
    /// <exception cref="RaspException">It is not text.</exception>
    public string Text => _text ?? throw NotA("text");

    /// <summary>The two values of a pair.</summary>
    /// <exception cref="RaspException">It is not a pair.</exception>
    public (Value First, Value Second) Both => _pair ?? throw NotA("pair");

    /// <summary>Whether it is a number.</summary>
    public bool IsNumber => _number is not null;

    /// <summary>A number.</summary>
    public static implicit operator Value(Rational number) => new(number: number);

    /// <summary>A whole number.</summary>
    public static implicit operator Value(int number) => new(number: number);

    /// <summary>True or false.</summary>
    public static implicit operator Value(bool truth) => new(truth: truth);

    /// <summary>Text.</summary>
    public static implicit operator Value(string text) => new(text: text);

    /// <summary>A pair of values.</summary>
    public static Value Pair(Value first, Value second) => new(pair: (first, second));

    /// <summary>Earlier in the order.</summary>
    public static bool operator <(Value a, Value b) => a.CompareTo(b) < 0;

    /// <summary>Later in the order.</summary>
    public static bool operator >(Value a, Value b) => a.CompareTo(b) > 0;

    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(Value a, Value b) => a.CompareTo(b) <= 0;

    /// <summary>Later or the same.</summary>
    public static bool operator >=(Value a, Value b) => a.CompareTo(b) >= 0;

    /// <inheritdoc/>
    public int CompareTo(Value? other) => other switch
    {
        null => 1,
        _ when Rank != other.Rank => Rank.CompareTo(other.Rank),
        _ when _truth is { } truth => truth.CompareTo(other._truth!.Value),
        _ when _number is { } number => number.CompareTo(other._number!.Value),
        _ when _text is { } text => string.CompareOrdinal(text, other._text),
        _ => Both.First.CompareTo(other.Both.First) is not 0 and var first ? first : Both.Second.CompareTo(other.Both.Second),
    };

    /// <summary><c>T</c>, <c>F</c>, <c>1/2</c>, <c>a</c> or <c>(a, 1)</c>.</summary>
    public override string ToString() => _truth is { } truth ? (truth ? "T" : "F")
        : _number is { } number ? number.ToString()
        : _text ?? $"({Both.First}, {Both.Second})";

    private int Rank => _truth is not null ? 0 : _number is not null ? 1 : _text is not null ? 2 : 3;

    private RaspException NotA(string kind) => new($"A {kind} was expected, but the value is {this}.");
}
