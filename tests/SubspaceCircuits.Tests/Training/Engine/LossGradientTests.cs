using CsCheck;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Tests.Training.Engine;

/// <summary>Losses of single predictions and their gradients against float64 loops, with logits from small to enormous.</summary>
public sealed class LossGradientTests
{
    private static readonly Gen<(int Vocabulary, int Length, double Size, int Seed)> Cases =
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 9], Gen.Int[0, 3].Select(i => new[] { 0.1, 3, 100, 1e4 }[i]), Gen.Int);

    [Fact]
    public void Cross_entropy_and_its_gradient_are_those_of_the_definition() => Cases.Sample((vocabulary, length, size, seed) =>
    {
        var (logits, stride, sample, expected) = Draw(vocabulary, length, size, seed, isOfSets: false);
        double loss = 0;
        for (int position = 0, row = 0; position < length; position++)
        {
            if (sample.LossTargets[position] is var target && target == TaskSample.Unsupervised)
                continue;
            var values = Enumerable.Range(0, vocabulary).Select(i => (double)logits[row * stride + i]).ToArray();
            var total = values.Sum(value => Math.Exp(value - values.Max()));
            loss += 0.25 * (Math.Log(total) + values.Max() - values[target]);
            for (var i = 0; i < vocabulary; i++)
                expected[row * stride + i] = 0.25 * (Math.Exp(values[i] - values.Max()) / total - (i == target ? 1 : 0));
            row++;
        }

        RequireEqual(logits, stride, vocabulary, sample, loss, expected);
    }, iter: 300);

    [Fact]
    public void Binary_cross_entropy_of_sets_and_its_gradient_are_those_of_the_definition() => Cases.Sample((vocabulary, length, size, seed) =>
    {
        var (logits, stride, sample, expected) = Draw(vocabulary, length, size, seed, isOfSets: true);
        double loss = 0;
        for (int position = 0, row = 0; position < length; position++)
        {
            if (sample.LossTargets[position] == TaskSample.Unsupervised)
                continue;
            for (var i = 0; i < vocabulary; i++)
            {
                double x = logits[row * stride + i];
                var wanted = sample.NextSets![position]!.Contains(i) ? 1 : 0;
                // −log σ(x) and −log σ(−x), as log(1 + e^∓x).
                var sign = wanted == 1 ? -x : x;
                loss += 0.25 / vocabulary * (sign > 30 ? sign : Math.Log(1 + Math.Exp(sign)));
                expected[row * stride + i] = 0.25 / vocabulary * (1 / (1 + Math.Exp(-x)) - wanted);
            }

            row++;
        }

        RequireEqual(logits, stride, vocabulary, sample, loss, expected);
    }, iter: 300);

    private static (float[] Logits, int Stride, TaskSample Sample, double[] Expected) Draw(int vocabulary, int length, double size, int seed, bool isOfSets)
    {
        var random = new Random(seed);
        int[] targets = [.. Enumerable.Range(0, length).Select(_ => random.Next(3) == 0 ? TaskSample.Unsupervised : random.Next(vocabulary))];
        var sets = targets.Select(target => target < 0 ? null : Enumerable.Range(0, vocabulary).Where(_ => random.Next(3) == 0).ToArray()).ToArray();
        var stride = Lanes.Pad(vocabulary);
        var logits = new float[length * stride];
        // What lies in the padding is the bias's zero; a row's gradient there must be zero too.
        for (var i = 0; i < logits.Length; i++)
            logits[i] = i % stride < vocabulary ? (float)(size * (2 * random.NextDouble() - 1)) : 0;
        return (logits, stride, new TaskSample(new int[length], targets) { NextSets = isOfSets ? sets : null }, new double[logits.Length]);
    }

    private static void RequireEqual(float[] logits, int stride, int vocabulary, TaskSample sample, double loss, double[] expected)
    {
        var found = LossGradient.OfLogits(logits, stride, vocabulary, [sample], 0.25);

        Assert.Equal(loss, found, 1e-5 + 1e-6 * Math.Abs(loss));
        var rows = sample.LossTargets.Count(target => target != TaskSample.Unsupervised);
        for (var i = 0; i < rows * stride; i++)
            Assert.Equal(expected[i], logits[i], 1e-6);
    }
}
