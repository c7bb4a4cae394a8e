using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.Models;

/// <summary>The forward pass against an independent one: tools/golden/make_transformer_golden.py.</summary>
public class TransformerGoldenTests
{
    // Activations are of order 1 to 10 after some twenty float32 sums of about ten terms.
    private const double Float32Tolerance = 1e-5;

    // Residual stream and logits are stored as float64, all else was rounded to float32 (24 bits) on writing.
    private const double Float64Tolerance = 1e-10;
    private const double RoundingTolerance = 1e-6;

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Every_activation_agrees_in_float32(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var hooks = new Hooks(golden.Points);

        var logits = golden.Forward(hooks);

        Assert.Equal(golden.Points.Count, hooks.Kept.Count);
        foreach (var point in golden.Points)
            Near.Equal(golden[point], hooks[point], Float32Tolerance, point.Name);
        Near.Equal(golden.Logits, logits, Float32Tolerance, "logits");
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Every_activation_agrees_in_float64(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var weights = golden.Weights.To(ScalarType.Float64);
        using var hooks = new Hooks(golden.Points);

        var logits = Transformer.Forward(weights, golden.Tokens, golden.Positions, hooks);

        foreach (var point in golden.Points)
            Near.Equal(golden[point], hooks[point], golden[point].dtype == ScalarType.Float64 ? Float64Tolerance : RoundingTolerance, point.Name);
        Near.Equal(golden.Logits, logits, Float64Tolerance, "logits");
        Assert.Equal(ScalarType.Float64, logits.dtype);
    }

    // The fused LayerNorm, and attention without head-wise results, are taken when nobody asks for what they hide.
    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Logits_agree_without_hooks(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);

        Near.Equal(golden.Logits, golden.Forward(), Float32Tolerance, "logits");
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Stopped_run_returns_the_residual_stream_before_the_block(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        var last = golden.Config.NLayers;

        for (var layer = 0; layer < last; layer++)
            Near.Equal(golden[HookPoint.ResidPre(layer)], golden.Forward(stopAtLayer: layer), Float32Tolerance, $"residual before block {layer}");
        Near.Equal(golden[HookPoint.ResidPost(last - 1)], golden.Forward(stopAtLayer: last), Float32Tolerance, "residual after the last block");
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Results_of_the_heads_and_the_bias_sum_to_what_attention_writes(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var hooks = new Hooks(HookPoint.Result(0), HookPoint.AttnOut(0));

        golden.Forward(hooks);

        var sum = hooks[HookPoint.Result(0)].sum(dim: 2); // [batch, pos, d_model]
        Near.Equal(hooks[HookPoint.AttnOut(0)] - golden.Weights.Blocks[0].Attention.BO, sum, Float32Tolerance, "sum of the heads");
    }
}
