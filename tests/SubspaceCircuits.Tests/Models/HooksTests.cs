using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.Models;

public class HooksTests
{
    // Far above float32 noise, far below what a changed activation does to these models.
    private const double Noticeable = 1e-4;

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Replacement_at_every_point_changes_the_logits(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        var plain = golden.Forward();

        foreach (var point in golden.Points)
        {
            using var hooks = new Hooks().Replace(point, Disturb);
            Assert.True(Near.Distance(plain, golden.Forward(hooks)) > Noticeable, $"A replacement at {point} does nothing.");
        }
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Replacement_by_itself_changes_nothing(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        using var hooks = new Hooks(golden.Points);
        foreach (var point in golden.Points)
            hooks.Replace(point, activation => activation);

        // 1e-5: as for the golden values; hooks choose the unfused formulas.
        Near.Equal(golden.Forward(), golden.Forward(hooks), 1e-5, "logits");
    }

    // Softmax cancels a constant.
    [Fact]
    public void Constant_added_to_all_scores_of_a_query_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("mlp-relu");
        using var hooks = new Hooks().Replace(HookPoint.AttnScores(0), scores => scores + 3);

        Near.Equal(golden.Forward(), golden.Forward(hooks), 1e-5, "logits");
    }

    [Fact]
    public void Replaced_pattern_is_what_mixes_the_values()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("attention-only");
        using var hooks = new Hooks(HookPoint.V(0), HookPoint.Z(0)).Replace(HookPoint.Pattern(0), pattern => eye(pattern.shape[^1]).expand_as(pattern));

        golden.Forward(hooks);

        Near.Equal(hooks[HookPoint.V(0)], hooks[HookPoint.Z(0)], 0, "z");
    }

    [Fact]
    public void Kept_activation_is_the_replaced_one()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("mlp-gelu");
        using var hooks = new Hooks(HookPoint.ResidMid(1), HookPoint.Ln2Scale(1)).Replace(HookPoint.ResidMid(1), residual => ones_like(residual));

        golden.Forward(hooks);

        Assert.True(hooks[HookPoint.ResidMid(1)].eq(1).all().item<bool>());
        Near.Equal(full_like(hooks[HookPoint.Ln2Scale(1)], Math.Sqrt(golden.Config.Epsilon)), hooks[HookPoint.Ln2Scale(1)], 1e-7, "scale of a constant vector");
    }

    [Fact]
    public void Replacement_of_another_shape_is_refused()
    {
        using var golden = new GoldenModel("mlp-gelu");
        foreach (var point in golden.Points)
        {
            using var hooks = new Hooks().Replace(point, activation => activation.unsqueeze(0));

            var error = Assert.Throws<ArgumentException>(() => golden.Forward(hooks));

            Assert.Contains($"The replacement at {point} should have shape [2, ", error.Message, StringComparison.Ordinal);
            Assert.Contains("but has [1, 2, ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Point_that_was_not_kept_is_refused_with_a_reason()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("attention-only");
        using var hooks = new Hooks(HookPoint.MlpPost(0), HookPoint.ResidPost(1));

        golden.Forward(hooks, stopAtLayer: 1);

        Assert.Contains("was not kept", Assert.Throws<InvalidOperationException>(() => hooks[HookPoint.Q(0)]).Message, StringComparison.Ordinal);
        Assert.Contains("did not pass", Assert.Throws<InvalidOperationException>(() => hooks[HookPoint.MlpPost(0)]).Message, StringComparison.Ordinal);
        Assert.Contains("did not pass", Assert.Throws<InvalidOperationException>(() => hooks[HookPoint.ResidPost(1)]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shorter_second_run_leaves_nothing_of_the_first()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("attention-only");
        using var hooks = new Hooks(HookPoint.ResidPost(0), HookPoint.ResidPost(1));

        golden.Forward(hooks);
        golden.Forward(hooks, stopAtLayer: 1);

        Assert.Equal([HookPoint.ResidPost(0)], hooks.Kept);
    }

    /// <summary>Another activation that is not a constant away: LayerNorm and softmax are blind to constants.</summary>
    private static Tensor Disturb(Tensor activation) =>
        activation * (1.5 + arange(activation.shape[^1]) * 0.25) + arange(activation.shape[1]).reshape([1, -1, .. Enumerable.Repeat(1L, activation.shape.Length - 2)]) * 0.5;
}
