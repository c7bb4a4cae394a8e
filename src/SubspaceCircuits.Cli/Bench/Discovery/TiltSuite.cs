using SubspaceCircuits.Activations;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery;
using SubspaceCircuits.Subspaces.Synthetic;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.Discovery;

/// <summary>What two independent subspaces seem to share when the rotation is a little off: the reason why merging by mutual information merges too much.</summary>
internal static class TiltSuite
{
    /// <summary>Angles, degrees.</summary>
    public static IReadOnlyList<double> Degrees { get; } = [0, 0.5, 1, 2, 5, 10];

    private const int Keys = 8192, Queries = 128, Batches = 16;

    /// <summary>One angle.</summary>
    /// <param name="Setting">Activations.</param>
    /// <param name="Degrees">By how much every direction of the first subspace is turned towards one of the second.</param>
    /// <param name="Information">Mutual information as the published method estimates it, nats per dimension.</param>
    /// <param name="Share">q.</param>
    internal sealed record Row(string Setting, double Degrees, double Information, double Share);

    /// <summary>Measures all angles on two independent groups of equal size.</summary>
    public static IReadOnlyList<Row> Measure(string name, SyntheticGroup group, int seed)
    {
        using var scope = NewDisposeScope();
        using var data = SyntheticActivations.Make(new SyntheticSettings { Groups = [group, group], Seed = seed });
        using var generator = new Generator((ulong)seed);
        Tensor first = data.Variables[0].Basis, second = data.Variables[1].Basis;
        return [.. Degrees.Select(degrees =>
        {
            using var step = NewDisposeScope();
            var (cosine, sine) = ((float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180));
            var rotation = cat([cosine * first + sine * second, cosine * second - sine * first], dim: 1);
            int[] sizes = [group.Dimensions, group.Dimensions];
            using var source = new ShuffledSource(data.Rows, generator);
            using var buffer = new ActivationBuffer(source, Keys, 2);
            var information = MutualInformation.Normalize(MutualInformation.AllPairs(buffer, rotation, sizes, Batches, Queries, 1), sizes)[0, 1];
            var turned = data.Rows.matmul(rotation);
            var share = new FiniteInformation().Of(turned.narrow(1, 0, group.Dimensions), turned.narrow(1, group.Dimensions, group.Dimensions), generator).Share;
            return new Row(name, degrees, Math.Round(information, 4), Math.Round(share, 4));
        })];
    }
}
