using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Rasp;

public sealed class ValueTests
{
    [Fact]
    public void Fractions_are_in_lowest_terms_with_the_sign_above()
    {
        Assert.Equal("-2/3", new Rational(4, -6).ToString());
        Assert.Equal(new Rational(1, 2), new Rational(1, 3) + new Rational(1, 6));
        Assert.Equal((Rational)0, default);
        Assert.True(new Rational(1, 3) < new Rational(1, 2));
        Assert.Throws<DivideByZeroException>(() => (Rational)1 / 0);
    }

    [Fact]
    public void Values_are_equal_by_content_and_in_one_order()
    {
        Value[] ordered = [false, true, -1, new Rational(1, 2), 2, "a", "b", Value.Pair("a", 1), Value.Pair("a", 2)];

        Assert.Equal(ordered, ordered.Reverse().Order());
        Assert.Equal(Value.Pair("a", 1), Value.Pair("a", 1));
        Assert.NotEqual((Value)1, true);
        Assert.Equal("F T -1 1/2 2 a b (a, 1) (a, 2)", string.Join(" ", ordered.AsEnumerable()));
    }

    [Fact]
    public void A_value_of_another_kind_says_what_it_is() =>
        Assert.Equal("A number was expected, but the value is a.", Assert.Throws<RaspException>(() => ((Value)"a").Number).Message);
}
