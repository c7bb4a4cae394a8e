using SubspaceCircuits.Activations;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>Made-up activations for measuring speed, in float16.</summary>
internal static class SpeedData
{
    private const int GroupSize = 16, ActiveOneIn = 4;
    private const float Noise = 0.05f, HeavyNorm = 30;
    private const double HeavyShare = 0.001;

    /// <summary>Kinds of data by name.</summary>
    public static IReadOnlyDictionary<string, Func<int, int, Generator, Tensor>> Kinds { get; } = new Dictionary<string, Func<int, int, Generator, Tensor>>
    {
        ["gaussian"] = Gaussian,
        ["features"] = Features,
    };

    /// <summary>Independent standard normal coordinates: nothing to find, and the hardest for a search.</summary>
    /// <returns>[row, d_model]</returns>
    public static Tensor Gaussian(int rows, int dModel, Generator generator)
    {
        using var scope = NewDisposeScope();
        return InParts(rows, part => randn(part, dModel, generator: generator)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// In the manner of a residual stream: d/8 groups of 16 features, in each group with probability ¾ one feature at a strength uniform in (0, 1),
    /// directions random, plus noise of .05 a coordinate and a mean; one row in a thousand is 30 times as long.
    /// </summary>
    /// <returns>[row, d_model]</returns>
    public static Tensor Features(int rows, int dModel, Generator generator)
    {
        using var scope = NewDisposeScope();
        var groups = Math.Max(1, dModel / 8);
        var directions = randn(groups, GroupSize, dModel, generator: generator) / Math.Sqrt(dModel) * 4;
        var mean = randn(dModel, generator: generator);
        return InParts(rows, part =>
        {
            var sum = mean + Noise * randn(part, dModel, generator: generator);
            for (var group = 0; group < groups; group++)
            {
                using var step = NewDisposeScope();
                var feature = randint(GroupSize, [part], dtype: int64, generator: generator);
                var strength = rand(part, 1, generator: generator) * randint(ActiveOneIn, [part, 1], dtype: int64, generator: generator).gt(0);
                sum.add_(directions[group].index_select(0, feature) * strength);
            }

            return sum * where(rand(part, 1, generator: generator).lt(HeavyShare), tensor(HeavyNorm), tensor(1f));
        }).MoveToOuterDisposeScope();
    }

    private static Tensor InParts(int rows, Func<int, Tensor> make)
    {
        const int Part = 16_384;
        return cat([.. Enumerable.Range(0, (rows + Part - 1) / Part).Select(part =>
        {
            using var scope = NewDisposeScope();
            return make(Math.Min(Part, rows - part * Part)).to(float16).MoveToOuterDisposeScope();
        })], dim: 0);
    }
}

/// <summary>Rows of a tensor in order, again and again. The tensor stays the caller's.</summary>
internal sealed class OrderedSource(Tensor rows) : IActivationSource
{
    private long _next;

    public int DModel => (int)rows.shape[1];

    public Tensor Next(int count)
    {
        using var scope = NewDisposeScope();
        var order = (arange(count, dtype: int64) + _next) % rows.shape[0];
        _next = (_next + count) % rows.shape[0];
        return rows.index_select(0, order).MoveToOuterDisposeScope();
    }
}
