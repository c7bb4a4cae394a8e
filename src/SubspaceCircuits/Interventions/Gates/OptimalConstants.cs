using SubspaceCircuits.Models;
using TorchSharp.Modules;

namespace SubspaceCircuits.Interventions;

/// <summary>The constants that stand in the place of removed edges, as deviations from the mean in the bases of the partitions; all begin at zero.</summary>
internal sealed class OptimalConstants
{
    private const double Rate = .02;

    private readonly List<Learnable> _all = [];

    public OptimalConstants(ModelConfig config, ScalarType type, Device device, OwnedTensors owned)
    {
        Tensor Constant(params long[] shape)
        {
            var constant = new Parameter(zeros(shape, dtype: type, device: device));
            owned.Add(constant);
            _all.Add(new Learnable(constant, Rate));
            return constant;
        }

        (Embed, Pos) = (Constant(1, config.DModel), Constant(1, config.DModel));
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            Attentions.Add(new AttentionConstants(Constant(config.NHeads, config.DHead), Constant(1, config.DModel), Constant(1, config.DModel)));
            if (!config.IsAttentionOnly)
                Mlps.Add(new MlpConstants(Constant(1, config.DModel), Constant(1, config.DModel)));
        }

        Unembed = Constant(1, config.DModel);
    }

    public Tensor Embed { get; }

    public Tensor Pos { get; }

    public List<AttentionConstants> Attentions { get; } = [];

    public List<MlpConstants> Mlps { get; } = [];

    public Tensor Unembed { get; }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Learnable> All => _all;
}
