using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Rasp;

/// <summary>Programs and their results by hand; several are the examples of Weiss, Goldberg and Yahav (2021).</summary>
public sealed class InterpreterTests
{
    private readonly Tokens _tokens = new();
    private readonly Indices _indices = new();

    [Fact]
    public void Histogram_counts_each_token()
    {
        var histogram = Program.Width("hist", Program.Select(_tokens, _tokens, (key, query) => key == query));

        Assert.Equal("2 1 2 1", Run(histogram, "abac"));
        Assert.Equal("1 1 2 1", Run(histogram, "abac", isCausal: true));
    }

    [Fact]
    public void Reverse_looks_at_the_opposite_index()
    {
        var length = Program.Width("length", Program.Select(_tokens, _tokens, (_, _) => true));
        var opposite = Program.Map("opposite", length, _indices, (n, index) => n.Number - index.Number - 1);
        var reverse = Program.Aggregate("reverse", Program.Select(_indices, opposite, (key, query) => key == query), _tokens);

        Assert.Equal("o l l e h", Run(reverse, "hello"));
        Assert.Equal("a", Run(reverse, "a"));
    }

    [Fact]
    public void Fraction_of_earlier_tokens_is_exact()
    {
        var isX = Program.Map("is_x", _tokens, value => value == "l" ? 1 : 0, Encoding.Numerical);
        var fraction = Program.Aggregate("frac", Program.Select(_indices, _indices, (key, query) => key.Number <= query.Number), isX);

        Assert.Equal("0 0 1/3 1/2 2/5", Run(fraction, "hello"));
    }

    [Fact]
    public void Shift_leaves_none_at_the_start_and_none_is_never_selected()
    {
        var previous = Program.ShiftBy("prev", _tokens, _indices, 1);
        var induction = Program.Aggregate("pred", Program.Select(previous, _tokens, (key, query) => key == query), _tokens);

        Assert.Equal("- a b c a", Run(previous, "abcab", isCausal: true));
        Assert.Equal("- - - b c", Run(induction, "abcab", isCausal: true));
        Assert.Equal("- - -", Run(Program.ShiftBy("far", previous, _indices, 2), "abc"));
    }

    [Fact]
    public void Means_of_nothing_are_zero()
    {
        var ones = Program.Full("one", 1, Encoding.Numerical);
        var none = Program.Aggregate("none", Program.SelectKey(_tokens, key => key == "z"), ones);

        Assert.Equal("0 0", Run(none, "ab"));
        Assert.Equal("-2 -2", Run(Program.Linear("linear", none, 3, ones, -2), "ab"));
    }

    [Fact]
    public void Two_values_under_one_categorical_selector_mean_nothing()
    {
        var mixed = Program.Aggregate("mixed", Program.Select(_tokens, _tokens, (_, _) => true), _tokens);

        Assert.Equal("a a", Run(mixed, "aa"));
        Assert.Contains("mixed finds a and b", Assert.Throws<RaspException>(() => Run(mixed, "ab")).Message);
    }

    [Fact]
    public void Overrides_reach_what_depends_on_them_and_nothing_else()
    {
        var previous = Program.ShiftBy("prev", _tokens, _indices, 1);
        var same = Program.Map("same", _tokens, previous, (a, b) => a == b);
        Dictionary<SequenceOperator, IReadOnlyList<Value?>> overrides = new() { [previous] = ["a", null, "c"] };

        var values = Interpreter.Run(Program.Ordered(same), ["a", "b", "c"], isCausal: true, overrides);

        Assert.Equal([true, null, true], values[same]);
        Assert.Equal(["a", "b", "c"], values[_tokens]);
        Assert.Throws<RaspException>(() => Interpreter.Run(Program.Ordered(same), ["a"], isCausal: true, overrides));
    }

    [Fact]
    public void Selectors_join_over_the_same_keys_and_queries_only()
    {
        var near = Program.Select(_indices, _indices, (key, query) => query.Number - key.Number <= 1);
        var past = Program.Select(_indices, _indices, (key, query) => key.Number <= query.Number);

        Assert.Equal("1 2 2 2", Run(Program.Width("both", near.And(past)), "abcd"));
        Assert.Equal("4 4 4 4", Run(Program.Width("either", near.Or(past)), "abcd"));
        Assert.Equal("0 0 1 2", Run(Program.Width("not", near.Not()), "abcd"));
        Assert.Throws<RaspException>(() => near.And(Program.Select(_tokens, _indices, (_, _) => true)));
    }

    [Fact]
    public void A_numerical_variable_is_not_compared()
    {
        var number = Program.Map("number", _tokens, _ => 1, Encoding.Numerical);

        Assert.Contains("number is numerical", Assert.Throws<RaspException>(() => Program.Select(number, _tokens, (_, _) => true)).Message);
        Assert.Contains("tokens is categorical", Assert.Throws<RaspException>(() => Program.Linear("sum", number, 1, _tokens, 1)).Message);
    }

    private static string Run(SequenceOperator root, string text, bool isCausal = false) =>
        string.Join(" ", Interpreter.Run(Program.Ordered(root), [.. text.Select(letter => (Value)letter.ToString())], isCausal)[root].Select(value => value?.ToString() ?? "-"));
}
