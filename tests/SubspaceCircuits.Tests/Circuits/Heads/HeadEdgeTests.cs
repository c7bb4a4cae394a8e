using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Heads;

public sealed class HeadEdgeTests
{
    [Fact]
    public void Effective_rank_is_that_of_the_stacked_blocks()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("attention only");
        var (read, write) = model.Model.AroundAttention(0);
        var block = model.Weights.Blocks[0];
        var n = Dense.ReadMap(block.Ln1, model.Weights.Config.Epsilon, read);

        foreach (var edge in HeadsOfLayer.Of(model.Model, 0).Edges)
        {
            Tensor[] blocks = [.. Enumerable.Range(0, 3).Select(head => Dense.Block(read, Unit(edge.Read), n.matmul(block.Attention.WV[head].to(float64)).matmul(block.Attention.WO[head].to(float64)), write, Unit(edge.Write)))];
            var squares = linalg.svdvals(cat(blocks, dim: 0)).square();
            Near.Equal(Math.Pow(squares.sum().item<double>(), 2) / squares.square().sum().item<double>(), edge.EffectiveRank, 1e-5);
            var maps = linalg.svdvals(stack([.. blocks.Select(one => one.flatten())], dim: 0)).square();
            Near.Equal(Math.Pow(maps.sum().item<double>(), 2) / maps.square().sum().item<double>(), edge.EffectiveMaps, 1e-5);
            Near.Equal(blocks.Aggregate((one, other) => one + other).square().sum().item<double>() / squares.sum().item<double>(), edge.Cancellation, 1e-5);
        }

        static int Unit(string id) => int.Parse(id.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(1, 2, 1)]   // the same
    [InlineData(-1, 0, 1)]  // opposed
    [InlineData(0, 1, 2)]   // nothing in common
    public void Two_heads_of_equal_energy_count_as_two(double cosine, double cancellation, double maps)
    {
        var products = new HeadProducts([3], [2], new double[2, 2, 1, 1] { { { { 5 } }, { { 5 * cosine } } }, { { { 5 * cosine } }, { { 5 } } } }, new double[2, 2, 1, 1]);

        var edge = HeadEdge.Of(products, 0, 0, _ => "j", _ => "k");

        Assert.Equal((2.0, cancellation, maps, 10), (edge.EffectiveHeads, edge.Cancellation, edge.EffectiveMaps, edge.Energy));
    }

    [Fact]
    public void Deviation_of_the_cancellation_index_is_that_of_random_heads()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        const int Heads = 3, Left = 4, Right = 2, Draws = 4000;
        double sum = 0, squares = 0;
        // Gaussian entries are rotated at random already; blocks are scaled to fixed, unequal norms.
        double[] norms = [1, 2, 3];
        double Index()
        {
            using var step = NewDisposeScope();
            var blocks = randn(Heads, Left, Right, dtype: float64, generator: generator);
            blocks = blocks / blocks.square().sum([1, 2], keepdim: true).sqrt() * tensor(norms).view(Heads, 1, 1);
            return blocks.sum(dim: 0).square().sum().item<double>() / norms.Sum(norm => norm * norm);
        }

        for (var draw = 0; draw < Draws; draw++)
        {
            var index = Index();
            (sum, squares) = (sum + index, squares + (index - 1) * (index - 1));
        }

        var inner = new double[Heads, Heads, 1, 1];
        for (var head = 0; head < Heads; head++)
            inner[head, head, 0, 0] = norms[head] * norms[head];
        var edge = HeadEdge.Of(new HeadProducts([Left], [Right], inner, inner), 0, 0, _ => "j", _ => "k");
        Near.Equal(1, squares / Draws / Math.Pow(edge.CancellationDeviation, 2), .12);
        Near.Equal(1, sum / Draws, 4 * edge.CancellationDeviation / Math.Sqrt(Draws));
    }
}
