using System.Numerics;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions.Heads;

/// <summary>A set of a model's heads; bit <c>layer · n_heads + head</c> stands for a head.</summary>
/// <param name="Bits">The bits.</param>
public readonly record struct HeadSet(BigInteger Bits)
{
    /// <summary>Orders sets so that those with the same heads in the first layers stand together.</summary>
    public static IComparer<HeadSet> ByLayer { get; } = Comparer<HeadSet>.Create((one, other) =>
        one == other ? 0 : one.Has((int)BigInteger.TrailingZeroCount(one.Bits ^ other.Bits)) ? 1 : -1);

    /// <summary>How many heads it has.</summary>
    public int Count => Members().Count();

    /// <summary>All heads of a model.</summary>
    public static HeadSet All(ModelConfig config) => All(config.NLayers * config.NHeads);

    /// <summary>The heads 0 to a number, exclusive.</summary>
    public static HeadSet All(int heads) => new((BigInteger.One << heads) - 1);

    /// <summary>The set of some heads by their numbers.</summary>
    public static HeadSet Of(params IEnumerable<int> heads) => new(heads.Aggregate(BigInteger.Zero, (bits, head) => bits | BigInteger.One << head));

    /// <summary>Whether a head is in it.</summary>
    public bool Has(int head) => !(Bits >> head).IsEven;

    /// <summary>This set and one head more.</summary>
    public HeadSet With(int head) => new(Bits | BigInteger.One << head);

    /// <summary>This set without one head.</summary>
    public HeadSet Without(int head) => new(Bits & ~(BigInteger.One << head));

    /// <summary>The heads of this set that are not in another.</summary>
    public HeadSet Except(HeadSet other) => new(Bits & ~other.Bits);

    /// <summary>Numbers of its heads, ascending.</summary>
    public IEnumerable<int> Members()
    {
        var head = 0;
        for (var rest = Bits; !rest.IsZero; rest >>= 1, head++)
        {
            if (!rest.IsEven)
                yield return head;
        }
    }

    /// <summary>Names of its heads: <c>a0.1</c>.</summary>
    public IReadOnlyList<string> Names(ModelConfig config) => [.. Members().Select(head => NameOf(config, head))];

    /// <summary>Name of one head by its number.</summary>
    public static string NameOf(ModelConfig config, int head) => $"a{head / config.NHeads}.{head % config.NHeads}";

    /// <summary>The first layer in which two sets differ, or the number of layers.</summary>
    public static int FirstDifference(HeadSet one, HeadSet other, ModelConfig config) => one == other ? config.NLayers
        : (int)(BigInteger.TrailingZeroCount(one.Bits ^ other.Bits) / config.NHeads);

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Members());
}
