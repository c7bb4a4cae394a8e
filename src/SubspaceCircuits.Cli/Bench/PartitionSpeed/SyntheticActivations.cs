using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>Activations made by chance, stored as float16, for benchmarks: what the search costs may depend on how activations lie.</summary>
internal static class SyntheticActivations
{
    /// <summary>Share of heavy rows, and how many times longer they are: GPT-2's first positions have such norms.</summary>
    public const double HeavyShare = 0.001, HeavyFactor = 30;

    /// <summary>Share of the time that a group of features is active.</summary>
    public const double Activity = 0.75;

    /// <summary>The kind that goals are set on.</summary>
    public const string Goals = "gaussian";

    private const double Noise = 0.02, MeanNorm = 2, HeavyDirectionDeviation = 1.5;
    private const int HeavyDirections = 2, RowsAtOnce = 16_384;

    /// <summary>The kinds, by name.</summary>
    public static IReadOnlyDictionary<string, Func<int, int, int, Generator, Tensor>> Kinds { get; } = new Dictionary<string, Func<int, int, int, Generator, Tensor>>
    {
        [Goals] = (rows, d, _, generator) => Isotropic(rows, d, generator),
        ["groups"] = SuperposedGroups,
    };

    /// <summary>Independent standard Gaussians: no structure, the hardest case for any search that prunes.</summary>
    /// <returns>[row, d_model], float16</returns>
    public static Tensor Isotropic(int rows, int dModel, Generator generator) => InParts(rows, dModel, count => randn(count, dModel, generator: generator));

    /// <summary>
    /// Groups of mutually exclusive features, each group in a subspace of its own: with probability <see cref="Activity"/> one of twice as many unit
    /// features as dimensions is active, with a strength uniform in (0, 1). All of it is turned by a random rotation; then come Gaussian noise, a common
    /// mean, two directions of great deviation, and rows that are <see cref="HeavyFactor"/> times as long, with probability <see cref="HeavyShare"/>.
    /// </summary>
    /// <param name="rows">Rows.</param>
    /// <param name="dModel">Width of an activation.</param>
    /// <param name="unit">Dimensions of a group; what remains of d_model is left to the noise.</param>
    /// <param name="generator">Where chance comes from.</param>
    /// <returns>[row, d_model], float16</returns>
    public static Tensor SuperposedGroups(int rows, int dModel, int unit, Generator generator)
    {
        using var scope = NewDisposeScope();
        int groups = dModel / unit, features = 2 * unit;
        Tensor Directions(params long[] shape) => nn.functional.normalize(randn(shape, generator: generator), dim: -1);
        var dictionary = Directions(groups, features, unit);
        var rotation = Subspaces.Rotation.Random(dModel, generator);
        var mean = MeanNorm * Directions(1, dModel);
        var heavy = HeavyDirectionDeviation * Directions(HeavyDirections, dModel);

        return InParts(rows, dModel, count =>
        {
            var strengths = rand(count, groups, generator: generator) * rand(count, groups, generator: generator).lt(Activity);       // [row, group]
            var active = randint(features, [count, groups], dtype: int64, generator: generator) + features * arange(groups, dtype: int64);
            var clean = dictionary.flatten(end_dim: 1).index_select(0, active.flatten()).view(count, groups, unit) * strengths.unsqueeze(-1);
            var all = cat([clean.flatten(start_dim: 1), zeros(count, dModel - groups * unit)], dim: 1).matmul(rotation.T);                // [row, d_model]
            all = all + Noise * randn(count, dModel, generator: generator) + mean + randn(count, HeavyDirections, generator: generator).matmul(heavy);
            return all * (1 + (HeavyFactor - 1) * rand(count, 1, generator: generator).lt(HeavyShare).to(float32));
        }).MoveToOuterDisposeScope();
    }

    private static Tensor InParts(int rows, int dModel, Func<int, Tensor> make)
    {
        using var scope = NewDisposeScope();
        var all = empty(rows, dModel, dtype: float16);
        for (var done = 0; done < rows; done += RowsAtOnce)
        {
            using var part = NewDisposeScope();
            var count = Math.Min(RowsAtOnce, rows - done);
            all.narrow(0, done, count).copy_(make(count));
        }

        return all.MoveToOuterDisposeScope();
    }
}
