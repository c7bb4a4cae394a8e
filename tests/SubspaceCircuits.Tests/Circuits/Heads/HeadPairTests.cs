using SubspaceCircuits.Circuits.Heads;

namespace SubspaceCircuits.Tests.Circuits.Heads;

/// <summary>Verdicts on pairs with one QK block and two OV blocks of given energies and cosines.</summary>
public sealed class HeadPairTests
{
    public static TheoryData<HeadPairVerdict, double, double, double, double, double, double> Cases => new()
    {
        // second QK energy and cosine, then second energy and cosine of the first OV block and of the second; the first head has 1 everywhere
        { HeadPairVerdict.Redundant, 1, 1, 1, 1, 1, 1 },
        { HeadPairVerdict.Redundant, 1, .97, .9, .99, .9, .97 },
        { HeadPairVerdict.SameUpToWeights, 1, 1, .2, 1, .2, 1 },
        { HeadPairVerdict.SameUpToWeights, 9, 1, 1, 1, 1, 1 }, // three times the score: the same keys, another softness
        { HeadPairVerdict.Cancelling, 1, 1, 1, 1, 1, -1 },
        { HeadPairVerdict.Cancelling, 1, 1, 1, -1, 1, -1 },
        { HeadPairVerdict.None, 1, .3, 1, 1, 1, -1 }, // opposed on an edge, but they look elsewhere
        { HeadPairVerdict.Divided, 1, 1, 1, 1, .2, -1 }, // opposed, but one is much stronger, so that much is left
        { HeadPairVerdict.Divided, 1, 1, 1, 0, 1, 0 },
        { HeadPairVerdict.SamePattern, 1, 1, 0, 0, 9, .1 },
        { HeadPairVerdict.SameValues, 1, .2, 1, 1, 1, 1 },
        { HeadPairVerdict.OpposedValues, 1, .2, 1, -1, 1, -1 },
        { HeadPairVerdict.None, 1, .2, 1, .3, 1, .2 },
        { HeadPairVerdict.None, 1, 1, 0, 0, 0, 0 }, // a head that writes nothing
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Verdict_is_that_of_the_numbers(HeadPairVerdict expected, double qkEnergy, double qkCosine, double firstEnergy, double firstCosine, double secondEnergy, double secondCosine)
    {
        static BlockComparison Block(string left, string right, double energy, double cosine, double own = 1) => new(left, right, own, energy, cosine * Math.Sqrt(own * energy), .1, .1);
        // Of the pair that moves other things, the first head writes next to nothing where the second does.
        var own = expected is HeadPairVerdict.SamePattern ? .01 : 1;
        BlockComparison[] ov = [Block("j", "k", firstEnergy, firstCosine), Block("j", "l", secondEnergy, secondCosine, own)];
        var whole = new BlockComparison(null, null, ov.Sum(block => block.FirstEnergy), ov.Sum(block => block.SecondEnergy), ov.Sum(block => block.Inner), .1, .1);
        var qk = Block("i", "j", qkEnergy, qkCosine);

        var pair = HeadPair.Of("a0.0", "a0.1", qk with { Left = null, Right = null }, whole, [qk], ov, new HeadPairThresholds());

        Assert.Equal(expected, pair.Verdict);
        Assert.Equal(expected is HeadPairVerdict.None, pair.Words.Length == 0);
        Assert.Equal(expected is HeadPairVerdict.Cancelling, pair.Cancelling.Count > 0);
        Assert.InRange(pair.Strength, 0, 1 + 1e-12);
    }
}
