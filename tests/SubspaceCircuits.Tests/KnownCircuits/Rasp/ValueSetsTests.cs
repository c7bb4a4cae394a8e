using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Rasp;

public sealed class ValueSetsTests
{
    private static readonly Value[] Letters = ["a", "b", "c"];
    private readonly Tokens _tokens = new();
    private readonly Indices _indices = new();

    [Fact]
    public void Means_of_zeros_and_ones_are_all_fractions_up_to_the_longest_sequence()
    {
        var isA = Program.Map("is_a", _tokens, value => value == "a" ? 1 : 0, Encoding.Numerical);

        Assert.Equal("0 1/4 1/3 1/2 2/3 3/4 1", Of(Program.Aggregate("mean", Program.Select(_indices, _indices, (_, _) => true), isA)));
    }

    [Fact]
    public void Arithmetic_without_result_is_none()
    {
        var inverse = Program.Map("inverse", _indices, index => (Rational)1 / index.Number);

        Assert.Equal("1/3 1/2 1 or None", Of(inverse));
    }

    [Fact]
    public void Declared_values_stand_in_the_place_of_inferred_ones()
    {
        var sum = Program.Map("sum", _indices, _indices, (a, b) => a.Number + b.Number);
        var declared = new Tokens { DeclaredValues = ["b", "a"] };

        Assert.Equal("0 2 4 6", Of(sum));
        Assert.Equal("a b", Of(declared));
    }

    [Fact]
    public void A_mean_of_fractions_needs_declared_values_and_takes_them()
    {
        var half = Program.Full("half", new Rational(1, 2), Encoding.Numerical);
        var all = Program.Select(_tokens, _tokens, (_, _) => true);

        Assert.Contains("declare the values", Assert.Throws<RaspException>(() => Of(Program.Aggregate("mean", all, half))).Message);
        Assert.Equal("0 1/2", Of(new Aggregate("mean", all, half) { DeclaredValues = [0, new Rational(1, 2)] }));
    }

    [Fact]
    public void Too_many_values_are_refused()
    {
        var pairs = Program.Map("pairs", _tokens, _indices, Value.Pair);

        Assert.Contains("pairs can have 12 values", Assert.Throws<RaspException>(() => ValueSets.Infer(Program.Ordered(pairs), Letters, 4, mostValues: 11)).Message);
    }

    /// <summary>All sequences up to the longest: inference by parts may name too much, never too little.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_value_that_is_ever_computed_is_in_its_set(bool isCausal)
    {
        var previous = Program.ShiftBy("prev", _tokens, _indices, 1);
        var count = Program.Width("count", Program.Select(_tokens, previous, (key, query) => key == query));
        var isA = Program.Map("is_a", _tokens, value => value == "a" ? 1 : 0, Encoding.Numerical);
        var mean = Program.Aggregate("mean", Program.Select(_indices, count, (key, query) => key.Number <= query.Number), isA);
        var balance = Program.Linear("balance", mean, 2, isA, -1);
        var root = Program.Map("root", Program.Map("sign", balance, value => value.Number > 0), count, Value.Pair);

        var sets = ValueSets.Infer(Program.Ordered(root), Letters, 4);

        foreach (var tokens in Sequences(4))
        {
            foreach (var (node, values) in Interpreter.Run(Program.Ordered(root), tokens, isCausal))
                Assert.All(values, value => Assert.True(value is null ? sets[node].IsNullable : sets[node].Values.Contains(value), $"{node} is {value}"));
        }
    }

    private static IEnumerable<IReadOnlyList<Value>> Sequences(int longest)
    {
        IEnumerable<IReadOnlyList<Value>> shorter = [[]];
        for (var length = 1; length <= longest; length++)
        {
            shorter = [.. shorter.SelectMany(_ => Letters, (start, letter) => (IReadOnlyList<Value>)[.. start, letter])];
            foreach (var sequence in shorter)
                yield return sequence;
        }
    }

    private static string Of(SequenceOperator root)
    {
        var set = ValueSets.Infer(Program.Ordered(root), Letters, 4)[root];
        return string.Join(" ", set.Values) + (set.IsNullable ? " or None" : "");
    }
}
