using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits;

/// <summary>
/// A random program of 3 to 8 variables besides tokens and indices, of every kind that the language has; functions and predicates are tables drawn by lot.
/// What nothing reads is an output. Variables that could not be compiled are drawn again.
/// </summary>
internal sealed class RandomProgram
{
    private const int MostValues = 64;

    private static readonly Value[] Letters = ["a", "b", "c"];
    private static readonly Rational[] Factors = [-2, -1, 0, 1, 2, new(1, 2)];

    private readonly Random _random;
    private readonly int _maxLength;
    private readonly Value[] _vocabulary;
    private readonly Indices _indices = new();
    private readonly List<SequenceOperator> _variables;
    private IReadOnlyDictionary<SequenceOperator, ValueSet> _sets;

    private RandomProgram(Random random)
    {
        _random = random;
        _maxLength = random.Next(3, 5);
        _vocabulary = Letters[..random.Next(2, 4)];
        _variables = [new Tokens(), _indices];
        _sets = Sets(_variables)!;
    }

    /// <summary>The same seed gives the same program.</summary>
    public static KnownProgram Draw(int seed)
    {
        var program = new RandomProgram(new Random(seed));
        var size = 2 + program._random.Next(3, 9);
        while (program._variables.Count < size)
            program.TryAdd();
        SequenceOperator[] read = [.. program._variables.SelectMany(variable => variable.Inputs)];
        return new KnownProgram($"random {seed}", [.. program._variables.Skip(2).Except(read)], program._vocabulary, program._maxLength, IsCausal: program.Chance(.5));
    }

    private void TryAdd()
    {
        if (Next($"v{_variables.Count - 2}") is { } next && Sets([.. _variables, next]) is { } sets)
        {
            _variables.Add(next);
            _sets = sets;
        }
    }

    /// <summary>A variable of a random kind; null when there is nothing that it could read.</summary>
    private SequenceOperator? Next(string name)
    {
        var (value, other) = (Of(Encoding.Categorical)!, Of(Encoding.Categorical)!);
        var (number, second) = (Of(Encoding.Numerical, isNullable: false), Of(Encoding.Numerical, isNullable: false));
        switch (_random.Next(14))
        {
            case 0:
                return Program.Map(name, value, Table(value, Symbol));
            case 1 or 2:
                return Program.Map(name, value, Table(value, Number), Encoding.Numerical);
            case 3:
                return number is null ? null : Program.Map(name, number, Table(number, Symbol));
            case 4:
                return number is null ? null : Program.Map(name, number, Table(number, Number), Encoding.Numerical);
            case 5:
                var pairs = _sets[value].Values.SelectMany(_ => _sets[other].Values, (a, b) => (a, b)).ToDictionary(pair => pair, _ => Symbol());
                return Program.Map(name, value, other, (a, b) => pairs[(a, b)]);
            case 6:
                return number is null || second is null ? null : Program.Linear(name, number, Drawn(Factors), second, Drawn(Factors));
            case 7:
                return Chance(.5) ? Program.Full(name, Letters[0]) : Program.Full(name, _random.Next(-1, 2), Encoding.Numerical);
            case 8:
                return Program.ShiftBy(name, value, _indices, _random.Next(-2, 3));
            case 9: // finds equals, so that a function of the key is defined wherever it is
                return Program.Aggregate(name, Program.Select(value, other, (key, query) => key == query), Chance(.5) ? value : _variables.Find(one => one is Map { Encoding: Encoding.Categorical } && one.Inputs[0] == value) ?? value);
            case 10:
                return Program.Aggregate(name, Selector(value, other), Of(Encoding.Categorical)!);
            case 11:
                return Of(Encoding.Numerical, isNullable: true) is { } any ? Program.Aggregate(name, Selector(value, other), any) : null;
            case 12:
                return Program.Width(name, Selector(value, other));
            default:
                return Program.Width(name, Selector(value, other), Encoding.Numerical);
        }
    }

    /// <summary>A selector of these variables; one time in four that of an earlier variable.</summary>
    private Selector Selector(SequenceOperator keys, SequenceOperator queries)
    {
        if (Chance(.25) && _variables.OfType<Aggregate>().LastOrDefault() is { } earlier)
            return earlier.Selector;
        HashSet<(Value, Value)> table = [.. _sets[keys].Values.SelectMany(_ => _sets[queries].Values, (key, query) => (key, query)).Where(_ => Chance(.5))];
        var (some, one) = (Drawn(_sets[keys].Values), Drawn(_sets[queries].Values));
        Func<Value, Value, bool>[] predicates =
        [
            (key, query) => key == query, (key, query) => key < query, (key, query) => key >= query, (key, query) => table.Contains((key, query)),
            (key, _) => key == some, (_, query) => query == one, (_, _) => true, (_, _) => false,
        ];
        var selector = Program.Select(keys, queries, Drawn(predicates));
        return _random.Next(6) switch
        {
            0 => selector.Not(),
            1 => selector.And(selector with { Predicate = Drawn(predicates) }),
            2 => selector.Or(selector with { Predicate = Drawn(predicates) }),
            _ => selector,
        };
    }

    private Func<Value, Value?> Table(SequenceOperator input, Func<Value?> draw)
    {
        var isPartial = Chance(.3);
        var table = _sets[input].Values.ToDictionary(value => value, _ => isPartial && Chance(.3) ? null : draw());
        return value => table[value];
    }

    private Value? Symbol() => _random.Next(8) switch { 0 => null, < 4 => Drawn(Letters), _ => _random.Next(3) };

    private Value? Number() => Chance(.1) ? new Rational(1, 2) : _random.Next(-2, 3);

    /// <summary>A variable of this encoding, more often a late one; null when there is none.</summary>
    private SequenceOperator? Of(Encoding encoding, bool isNullable = true)
    {
        SequenceOperator[] all = [.. _variables.Where(variable => variable.Encoding == encoding && (isNullable || !_sets[variable].IsNullable))];
        return all.Length == 0 ? null : all[Math.Max(_random.Next(all.Length), _random.Next(all.Length))];
    }

    private T Drawn<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    private bool Chance(double probability) => _random.NextDouble() < probability;

    /// <summary>Values of all variables; null when one cannot have them: none, too many, or means of fractions.</summary>
    private IReadOnlyDictionary<SequenceOperator, ValueSet>? Sets(IReadOnlyList<SequenceOperator> variables)
    {
        try
        {
            return ValueSets.Infer(variables, _vocabulary, _maxLength, MostValues);
        }
        catch (RaspException)
        {
            return null;
        }
    }
}
