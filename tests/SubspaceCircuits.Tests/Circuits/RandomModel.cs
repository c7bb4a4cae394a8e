using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Circuits;

/// <summary>Small models with random weights, biases included, and random partitions with uneven sizes. Owns its tensors and disposes them.</summary>
internal sealed class RandomModel : IDisposable
{
    private static readonly int[][] UnevenSizes = [[5, 3, 2], [4, 4, 1, 1], [7, 3], [6, 1, 3], [2, 8]];

    public RandomModel(ModelConfig config, ulong seed, ScalarType type = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(seed);
        var tensors = WeightNames.Shapes(config).ToDictionary(entry => entry.Name, entry => Draw(entry.Name, entry.Shape, generator).to(type));
        Weights = WeightNames.Assemble(config, name => tensors[name]);
        Partitions = [.. Site.All(config).Select((site, index) => RandomPartition(site, UnevenSizes[index % UnevenSizes.Length], generator, type))];
        Model = new PartitionedModel(Weights, Partitions);
        Tokens = randint(config.DVocab, [6, config.NCtx], dtype: int64, generator: generator).DetachFromDisposeScope();
    }

    public Weights Weights { get; }

    public IReadOnlyList<Partition> Partitions { get; }

    public PartitionedModel Model { get; }

    /// <summary>Some input. [batch, pos]</summary>
    public Tensor Tokens { get; }

    public static ModelConfig WithMlps(Activation activation, Normalization normalization = Normalization.LayerNorm) => new()
    {
        NLayers = 2,
        NHeads = 2,
        DModel = 10,
        DHead = 4,
        DMlp = 12,
        DVocab = 7,
        NCtx = 8,
        Activation = activation,
        Normalization = normalization,
    };

    public static ModelConfig AttentionOnly(Normalization normalization = Normalization.LayerNorm) => new()
    {
        NLayers = 2,
        NHeads = 3,
        DModel = 10,
        DHead = 3,
        DVocab = 7,
        NCtx = 8,
        Normalization = normalization,
    };

    /// <summary>Every kind of model, by name.</summary>
    public static TheoryData<string> Kinds => [.. Configs.Keys];

    public static RandomModel OfKind(string kind, ulong seed = 1, ScalarType type = ScalarType.Float32) => new(Configs[kind], seed, type);

    public void Dispose()
    {
        Weights.Dispose();
        Tokens.Dispose();
        foreach (var partition in Partitions)
            partition.Dispose();
    }

    private static Dictionary<string, ModelConfig> Configs { get; } = new()
    {
        ["GELU"] = WithMlps(Activation.Gelu),
        ["tanh GELU"] = WithMlps(Activation.GeluNew),
        ["ReLU without norms"] = WithMlps(Activation.Relu, Normalization.None),
        ["attention only"] = AttentionOnly(),
        ["attention only without norms"] = AttentionOnly(Normalization.None),
    };

    private static Tensor Draw(string name, long[] shape, Generator generator)
    {
        var values = 0.4f * randn(shape, generator: generator);
        return name.Contains("ln", StringComparison.Ordinal) && name.EndsWith(".w", StringComparison.Ordinal) ? 1 + values : values;
    }

    private static Partition RandomPartition(Site site, int[] sizes, Generator generator, ScalarType type)
    {
        var factor = randn(sizes.Sum(), sizes.Sum(), generator: generator) / 3;
        var rotation = Rotation.Random(sizes.Sum(), generator);
        return new Partition(site, type is ScalarType.Float32 ? rotation : Rotation.Orthogonalize(rotation.to(type)), sizes, (0.5f * randn(sizes.Sum(), generator: generator)).to(type), factor.matmul(factor.T).to(type));
    }
}
