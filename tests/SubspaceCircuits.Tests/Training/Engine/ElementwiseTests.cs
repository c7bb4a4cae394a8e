using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Tests.Training.Engine;

/// <summary>Non-linearities and losses at the ends of their ranges.</summary>
public sealed class ElementwiseTests
{
    [Fact]
    public void Gelu_and_its_slope_are_those_of_float64_also_far_out()
    {
        float[] x = [-1000, -88, -20, -5, -1, -0.1f, -1e-6f, 0, 1e-6f, 0.1f, 1, 5, 20, 88, 1000, 3];
        float[] y = new float[16], slope = new float[16];
        Array.Fill(slope, 1f);

        ActivationPass.Forward(Activation.GeluNew, x, y, 16);
        ActivationPass.Backward(Activation.GeluNew, x, slope, 16);

        double Gelu(double v) => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
        for (var i = 0; i < x.Length; i++)
        {
            Assert.Equal(Gelu(x[i]), y[i], 2e-6 * Math.Max(1, Math.Abs(x[i])));
            const double Step = 1e-4;
            Assert.Equal((Gelu(x[i] + Step) - Gelu(x[i] - Step)) / (2 * Step), slope[i], 2e-5);
        }
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    public void Cross_entropy_of_logits_of_any_size_is_finite_and_right(float scale)
    {
        const int Vocabulary = 5;
        float[] logits = [scale, 0, 0.5f, -1, 0.25f, 7, 7, 7]; // three of padding
        var sample = new TaskSample([0, 1], [2, TaskSample.Unsupervised]);

        var loss = LossGradient.OfLogits(logits, 8, Vocabulary, [sample], 1);

        double[] exact = [scale, 0, 0.5, -1, 0.25];
        var top = exact.Max();
        var total = exact.Sum(value => Math.Exp(value - top));
        Assert.Equal(top + Math.Log(total) - 0.5, loss, 1e-5 * Math.Max(1, Math.Abs(loss)));
        for (var token = 0; token < Vocabulary; token++)
            Assert.Equal(Math.Exp(exact[token] - top) / total - (token == 2 ? 1 : 0), logits[token], 1e-6);
        Assert.Equal([0f, 0f, 0f], logits[Vocabulary..]);
    }

    [Fact]
    public void Attention_over_scores_of_any_size_is_finite()
    {
        var layout = new ParameterLayout(new ModelConfig { NLayers = 1, NHeads = 1, DModel = 8, DHead = 8, DVocab = 8, NCtx = 32 });
        var random = new Random(3);
        float[] Draw(int length, double scale) => [.. Enumerable.Range(0, length).Select(_ => (float)(scale * (random.NextDouble() - 0.5)))];
        var attention = new AttentionPass(layout);
        const int Length = 20;
        SequenceRows[] rows = [new(0, Length, 0, [.. Enumerable.Range(0, Length)])];
        foreach (var scale in (double[])[1e-3, 1, 300])
        {
            float[] q = Draw(Length * 8, scale), kv = Draw(Length * 16, scale), z = new float[Length * 8], dq = new float[Length * 8], dkv = new float[Length * 16];

            attention.Forward(rows, q, kv, z, new DropoutMask(0, 0));
            attention.Backward(rows, q, kv, Draw(Length * 8, 1), dq, dkv, new DropoutMask(0, 0));

            Assert.All(z.Concat(dq).Concat(dkv), value => Assert.True(float.IsFinite(value)));
            Assert.Equal(kv[8..16], z[..8]); // the first position sees only itself
        }
    }
}
