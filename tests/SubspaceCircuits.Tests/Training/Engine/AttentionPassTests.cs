using CsCheck;
using SubspaceCircuits.Models;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Tests.Training.Engine;

/// <summary>Attention and its gradient against float64 loops over the definition, for queries at some positions only.</summary>
public sealed class AttentionPassTests
{
    // Relative to the greatest element: float32 sums of some forty terms.
    private const double Tolerance = 2e-5;

    [Fact]
    public void Forward_and_backward_are_those_of_the_definition() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 17], Gen.Int[1, 4], Gen.Int).Sample((heads, width, sequences, seed) =>
        {
            var random = new Random(seed);
            Check(heads, width, sequences, random, () => Unit(random));
        }, iter: 200);

    // Whole numbers, whose scores are exact in float32, up to ten thousand apart.
    [Fact]
    public void Scores_of_thousands_give_the_pattern_of_the_definition() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        Check(2, 4, 3, random, () => random.Next(-50, 51));
    }, iter: 100);

    private static float Unit(Random random) => (float)(2 * random.NextDouble() - 1);

    /// <param name="heads">Heads.</param>
    /// <param name="width">d_head.</param>
    /// <param name="count">Sequences.</param>
    /// <param name="random">Where lengths, values and gradients come from.</param>
    /// <param name="number">An element of queries and keys.</param>
    private static void Check(int heads, int width, int count, Random random, Func<float> number)
    {
        var layout = new ParameterLayout(new ModelConfig { NLayers = 1, NHeads = heads, DModel = 8, DHead = width, DVocab = 5, NCtx = 50 });
        var pass = new AttentionPass(layout);
        for (var repeat = 0; repeat < 2; repeat++) // the second time over what the first one left
        {
            List<SequenceRows> sequences = [];
            int keys = 0, queries = 0;
            for (var s = 0; s < count; s++)
            {
                var length = random.Next(1, 40);
                int[] positions = [.. Enumerable.Range(0, length).Where(position => position == length - 1 || random.Next(3) > 0)];
                sequences.Add(new SequenceRows(keys, length, queries, positions));
                (keys, queries) = (keys + length, queries + positions.Length);
            }

            float[] Rows(int count, Func<int, float> element) => [.. Enumerable.Range(0, count * layout.Heads).Select(i => i % layout.DHead < width ? element(i) : 0)];
            float[] q = Rows(queries, _ => number()), kv = Rows(2 * keys, i => i / layout.Heads % 2 == 0 ? number() : Unit(random)), dz = Rows(queries, _ => Unit(random));
            float[] z = new float[q.Length], dq = new float[q.Length], dkv = new float[kv.Length];
            Array.Fill(z, float.NaN); // is overwritten

            pass.Forward(sequences, q, kv, z, new DropoutMask(0, 0));
            pass.Backward(sequences, q, kv, dz, dq, dkv, new DropoutMask(0, 0));

            var naive = new Naive(layout.Heads, layout.DHead, heads, width, q, kv, dz);
            foreach (var sequence in sequences)
                naive.Run(sequence);
            RequireClose(naive.Z, z);
            RequireClose(naive.DQ, dq);
            RequireClose(naive.DKv, dkv);
        }
    }

    private static void RequireClose(double[] expected, float[] found)
    {
        var scale = Math.Max(1, expected.Max(Math.Abs));
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], Tolerance * scale);
    }

    private sealed class Naive(int row, int stride, int heads, int width, float[] q, float[] kv, float[] dz)
    {
        public double[] Z { get; } = new double[q.Length];

        public double[] DQ { get; } = new double[q.Length];

        public double[] DKv { get; } = new double[kv.Length];

        public void Run(SequenceRows sequence)
        {
            for (var head = 0; head < heads; head++)
            {
                for (var i = 0; i < sequence.Positions.Length; i++)
                    Query((sequence.Query + i) * row + head * stride, sequence.Key * 2 * row + head * stride, sequence.Positions[i] + 1);
            }
        }

        private void Query(int query, int key, int seen)
        {
            double Dot(float[] other, int at, float[] one) => Enumerable.Range(0, width).Sum(i => (double)one[query + i] * other[at + i]);
            int KeyAt(int j) => key + j * 2 * row;
            int ValueAt(int j) => KeyAt(j) + row;
            var scores = Enumerable.Range(0, seen).Select(j => Dot(kv, KeyAt(j), q) / Math.Sqrt(width)).ToArray();
            var powers = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
            var pattern = powers.Select(power => power / powers.Sum()).ToArray();
            var dPattern = Enumerable.Range(0, seen).Select(j => Dot(kv, ValueAt(j), dz)).ToArray();
            var mean = Enumerable.Range(0, seen).Sum(j => pattern[j] * dPattern[j]);
            for (var j = 0; j < seen; j++)
            {
                var dScore = pattern[j] * (dPattern[j] - mean) / Math.Sqrt(width);
                for (var i = 0; i < width; i++)
                {
                    Z[query + i] += pattern[j] * kv[ValueAt(j) + i];
                    DQ[query + i] += dScore * kv[KeyAt(j) + i];
                    DKv[KeyAt(j) + i] += dScore * q[query + i];
                    DKv[ValueAt(j) + i] += pattern[j] * dz[query + i];
                }
            }
        }
    }
}
