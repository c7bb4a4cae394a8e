using System.Diagnostics;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Subspaces;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>How the exact step's rate falls with keys, width and number of subspaces.</summary>
internal static class GrowthSuite
{
    private const double SecondsOfAPoint = 1.5;
    private const int Warmup = 3;

    /// <summary>The rate at one place.</summary>
    /// <param name="Against">What varies: keys, d or subspaces.</param>
    /// <param name="X">Its value.</param>
    /// <param name="StepsPerSecond">Rate.</param>
    internal sealed record Point(string Against, double X, double StepsPerSecond);

    private static IEnumerable<(string Against, double X, PartitionShape Shape)> Places()
    {
        static PartitionShape Shape(int d, int unit, int blocks) => new("growth", d, unit, blocks, 1, 0, 0, 0, 0);
        foreach (var blocks in (int[])[1, 2, 5, 10, 25])
            yield return ("keys", (double)blocks * PartitionShape.BlockLength, Shape(64, 4, blocks));
        foreach (var d in (int[])[16, 32, 64, 128, 256, 512, 768])
            yield return ("d", d, Shape(d, d / 8, 1));
        foreach (var units in (int[])[2, 4, 8, 16, 32, 64, 128])
            yield return ("subspaces", units, Shape(256, 256 / units, 1));
    }

    public static IEnumerable<Point> Run(int threads, int seed, bool isQuick, IProgress<string> progress, CancellationToken cancellation)
    {
        ComputeThreads.Use(threads);
        foreach (var (against, x, shape) in Places())
        {
            progress.Report($"growth, {against} {x}");
            using var scope = NewDisposeScope();
            using var buffer = PartitionShape.Buffer(shape.Activations("gaussian", seed));
            using var training = new PartitionTraining(buffer, eye(shape.DModel), shape.Settings(threads));
            for (var step = 0; step < (isQuick ? 1 : Warmup); step++)
                training.Step(cancellation);
            var (clock, steps) = (Stopwatch.StartNew(), 0);
            do
            {
                training.Step(cancellation);
                steps++;
            }
            while (!isQuick && clock.Elapsed.TotalSeconds < SecondsOfAPoint);
            yield return new Point(against, x, steps / clock.Elapsed.TotalSeconds);
        }
    }

    /// <summary>Fitted exponents of the rate, by what varies.</summary>
    public static IReadOnlyDictionary<string, double> Exponents(IReadOnlyList<Point> points) =>
        points.GroupBy(point => point.Against).ToDictionary(group => group.Key, group => PowerFit.Exponent([.. group.Select(point => (point.X, point.StepsPerSecond))]));
}
