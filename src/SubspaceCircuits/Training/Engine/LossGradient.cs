using System.Runtime.Intrinsics;
using SubspaceCircuits.Tasks;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>
/// The loss of a prediction and its gradient: cross-entropy with the next token, or, where samples have sets of next tokens, the mean over the
/// vocabulary of the binary cross-entropies.
/// </summary>
internal static class LossGradient
{
    /// <summary>Replaces logits by the gradient of the loss.</summary>
    /// <param name="logits">One row for each position with a loss target, in order. [prediction, vocab padded]</param>
    /// <param name="stride">Padded width.</param>
    /// <param name="vocabulary">Number of tokens.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="scale">Factor on the loss of each prediction.</param>
    /// <returns>Scaled loss, nats.</returns>
    public static double OfLogits(float[] logits, int stride, int vocabulary, IReadOnlyList<TaskSample> samples, double scale)
    {
        double loss = 0;
        var row = 0;
        foreach (var sample in samples)
        {
            for (var position = 0; position < sample.LossTargets.Length; position++)
            {
                if (sample.LossTargets[position] == TaskSample.Unsupervised)
                    continue;
                var values = logits.AsSpan(row++ * stride, stride);
                loss += sample.NextSets is { } sets ? BinaryCrossEntropy(values[..vocabulary], sets[position] ?? [], scale / vocabulary)
                    : CrossEntropy(values, vocabulary, sample.LossTargets[position], scale);
                values[vocabulary..].Clear();
            }
        }

        return loss;
    }

    private static double CrossEntropy(Span<float> logits, int vocabulary, int target, double scale)
    {
        logits[vocabulary..].Fill(float.NegativeInfinity);
        ref var row = ref logits[0];
        var greatest = Load(ref row, 0);
        for (var i = Width; i < logits.Length; i += Width)
            greatest = Vector256.Max(greatest, Load(ref row, i));
        var top = greatest[0];
        for (var i = 1; i < Width; i++)
            top = MathF.Max(top, greatest[i]);
        var ofTarget = logits[target] - top;
        var sum = Vector256<float>.Zero;
        for (var i = 0; i < logits.Length; i += Width)
        {
            var value = Vector256.Exp(Load(ref row, i) - Vector256.Create(top));
            sum += value;
            Store(value, ref row, i);
        }

        var total = Vector256.Sum(sum);
        var factor = Vector256.Create((float)(scale / total));
        for (var i = 0; i < logits.Length; i += Width)
            Store(Load(ref row, i) * factor, ref row, i);
        logits[target] -= (float)scale;
        return scale * (Math.Log(total) - ofTarget);
    }

    private static double BinaryCrossEntropy(Span<float> logits, int[] next, double scale)
    {
        double loss = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            var x = logits[token];
            var isNext = Array.BinarySearch(next, token) >= 0;
            loss += Math.Max(x, 0) - (isNext ? x : 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
            logits[token] = (float)(scale * (1 / (1 + Math.Exp(-x)) - (isNext ? 1 : 0)));
        }

        return scale * loss;
    }
}
