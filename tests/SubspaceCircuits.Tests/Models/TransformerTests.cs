using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.Models;

public class TransformerTests
{
    // Other shapes may be summed in another order.
    private const double Rounding = 1e-6;

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Later_token_does_not_change_earlier_logits(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        var plain = golden.Forward();
        var length = golden.Tokens.shape[1];

        for (var changed = 1L; changed < length; changed++)
        {
            var tokens = golden.Tokens.clone();
            tokens.select(1, changed).add_(1).remainder_(golden.Config.DVocab);
            var logits = Transformer.Forward(golden.Weights, tokens, golden.Positions);

            Near.Equal(plain.narrow(1, 0, changed), logits.narrow(1, 0, changed), Rounding, "earlier logits");
            Assert.True(Near.Distance(plain.select(1, changed), logits.select(1, changed)) > 1e-3, "The changed token's own logits stay.");
        }
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Padding_on_the_right_does_not_change_logits(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        var length = golden.Tokens.shape[1];
        var padded = cat([golden.Tokens, golden.Tokens.narrow(1, 0, 2)], dim: 1);

        var logits = Transformer.Forward(golden.Weights, padded);

        Near.Equal(Transformer.Forward(golden.Weights, golden.Tokens), logits.narrow(1, 0, length), Rounding, "logits before the padding");
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Sequences_of_a_batch_do_not_see_each_other(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel(name);
        var together = golden.Forward();

        for (var row = 0L; row < golden.Tokens.shape[0]; row++)
        {
            var alone = Transformer.Forward(golden.Weights, golden.Tokens.narrow(0, row, 1), golden.Positions.narrow(0, row, 1));
            Near.Equal(together.narrow(0, row, 1), alone, Rounding, $"row {row}");
        }
    }

    [Fact]
    public void Positions_may_be_given_once_for_all_sequences()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("gpt2-gelu-new");
        var positions = tensor(new long[] { 7, 0, 11, 3, 3 });

        var once = Transformer.Forward(golden.Weights, golden.Tokens, positions);
        var each = Transformer.Forward(golden.Weights, golden.Tokens, positions.expand(2, 5));
        var fromZero = Transformer.Forward(golden.Weights, golden.Tokens, arange(5, dtype: int64));

        Near.Equal(each, once, 0, "logits");
        Near.Equal(Transformer.Forward(golden.Weights, golden.Tokens), fromZero, 0, "logits");
        Assert.True(Near.Distance(once, fromZero) > 1e-2);
    }

    [Fact]
    public void Whole_context_is_accepted_and_one_more_position_refused()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("attention-only");

        Assert.Equal([1, 10, 9], Transformer.Forward(golden.Weights, zeros(1, 10, dtype: int64)).shape);
        Refused(golden, zeros(1, 11, dtype: int64), null, "The model has 10 positions, but position 10 was asked for.");
    }

    [Fact]
    public void Wrong_input_is_refused_with_what_was_expected()
    {
        using var scope = NewDisposeScope();
        using var golden = new GoldenModel("attention-only"); // 9 tokens, 10 positions
        var tokens = zeros(2, 3, dtype: int64);

        Refused(golden, tensor(new long[,] { { 0, 9 } }), null, "Token ids should lie in 0..8, but run from 0 to 9.");
        Refused(golden, tensor(new long[,] { { -1, 3 } }), null, "Token ids should lie in 0..8, but run from -1 to 3.");
        Refused(golden, zeros(3, dtype: int64), null, "Tokens should be int64 of shape [batch, pos]");
        Refused(golden, tensor(1L), null, "Tokens should be int64 of shape [batch, pos]");
        Refused(golden, zeros(1, 0, dtype: int64), null, "at least one token");
        Refused(golden, zeros(1, 3), null, "but are Float32 of shape [1, 3]");
        Refused(golden, tokens, zeros(2, dtype: int64), "one for each of 3 tokens");
        Refused(golden, tokens, zeros(3, 3, dtype: int64), "but are Int64 of shape [3, 3]");
        Refused(golden, tokens, zeros(1, 2, 3, dtype: int64), "but are Int64 of shape [1, 2, 3]");
        Refused(golden, tokens, tensor(0L), "one for each of 3 tokens");
        Refused(golden, tokens, zeros(3), "but are Float32 of shape [3]");
        Refused(golden, tokens, tensor(new long[] { 0, 1, 10 }), "The model has 10 positions, but position 10 was asked for.");
        Refused(golden, tokens, tensor(new long[] { 0, -1, 2 }), "The model has 10 positions, but position -1 was asked for.");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Stop_at_a_block_that_is_not_there_is_refused(int layer)
    {
        using var golden = new GoldenModel("attention-only");

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => golden.Forward(stopAtLayer: layer));

        Assert.Contains($"The model has 2 blocks, so a run stops at 0 to 2, not at {layer}.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Run_leaves_its_result_and_nothing_else(string name)
    {
        using var golden = new GoldenModel(name);
        using var hooks = new Hooks(golden.Points);
        golden.Forward(hooks).Dispose();
        var before = Tensor.TotalCount;

        golden.Forward(hooks).Dispose();
        golden.Forward().Dispose();
        golden.Forward(stopAtLayer: 1).Dispose();
        Assert.Throws<ArgumentException>(() => Transformer.Forward(golden.Weights, golden.Positions + 100));

        // The sum above is this test's own.
        Assert.InRange(Tensor.TotalCount - before, 0, 1);
    }

    [Fact]
    public void Scope_statistics_do_not_grow_with_runs()
    {
        using var golden = new GoldenModel("gpt2-gelu-new");
        golden.Forward().Dispose();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        for (var run = 0; run < 2; run++)
            golden.Forward().Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static void Refused(GoldenModel golden, Tensor tokens, Tensor? positions, string why)
    {
        var error = Assert.Throws<ArgumentException>(() => Transformer.Forward(golden.Weights, tokens, positions));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
