using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Tests.Subspaces.Search;

/// <summary>Searches over steps in which the rotation moves, against loops in float64 at every step.</summary>
public sealed unsafe class SearchEngineTests
{
    private const int Batch = 32, Block = 1100, Steps = 24;
    private const double Rounding = 2e-5;

    [Theory]
    [InlineData(new[] { 20, 12 }, 1e-4, 1, 64)]
    [InlineData(new[] { 20, 12 }, 3e-3, 1, 64)]
    [InlineData(new[] { 20, 12 }, 1e-3, 30, 64)] // heavy keys
    [InlineData(new[] { 16, 16 }, 1e-3, 1, 2)]   // lists too short to prove much
    [InlineData(new[] { 4, 4, 3, 2 }, 1e-4, 1, 64)]
    [InlineData(new[] { 4, 4, 3, 2 }, 1e-3, 30, 64)]
    [InlineData(new[] { 2, 1, 1 }, 2e-2, 1, 64)] // the rotation moves too fast for old boxes
    public void Exact_mode_finds_the_nearest_at_every_step(int[] sizes, double rate, float heavy, int kept)
    {
        using var scenario = new Scenario(sizes.Sum(), rate, heavy);
        using var engine = new SearchEngine(new EngineSettings { Kept = kept, Threads = 2 }, scenario.Window);

        for (var step = 0; step < Steps; step++)
            Assert.Equal(0, scenario.Wrong(engine, sizes, step));
    }

    [Fact]
    public void Exact_mode_looks_ahead_while_the_rotation_moves_little()
    {
        using var scenario = new Scenario(24, rate: 1e-5, heavy: 1);
        using var engine = new SearchEngine(new EngineSettings(), scenario.Window);

        for (var step = 0; step < Steps; step++)
            scenario.Wrong(engine, [12, 12], step);

        Assert.InRange(engine.Statistics.Passes, 2, Steps / 3);
        Assert.Equal(Steps, engine.Statistics.Steps);
    }

    [Fact]
    public void Look_ahead_misses_few_and_says_how_many()
    {
        using var scenario = new Scenario(24, rate: 3e-4, heavy: 1);
        using var engine = new SearchEngine(new EngineSettings { Mode = SearchMode.Lookahead, Kept = 16 }, scenario.Window);
        var wrong = 0;

        for (var step = 0; step < Steps; step++)
            wrong += scenario.Wrong(engine, [12, 12], step);

        Assert.InRange(wrong, 0, Steps * Batch * 2 / 100);
        Assert.Equal(Batch, engine.Statistics.Audited); // step 16
        Assert.InRange(engine.Statistics.Agreement, 0.95, 1);
        Assert.InRange(engine.Statistics.LossExcess, 0, 0.01);
    }

    [Fact]
    public void A_search_that_is_cancelled_can_be_done_again()
    {
        using var scenario = new Scenario(24, rate: 1e-4, heavy: 1);
        using var engine = new SearchEngine(new EngineSettings(), scenario.Window);
        scenario.Wrong(engine, [12, 8, 4], 0);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => scenario.Wrong(engine, [12, 12], 1, cancelled.Token));

        Assert.Equal(0, scenario.Wrong(engine, [12, 12], 1));
    }

    /// <summary>Gaussian keys and queries in float16, and a rotation that takes small random steps.</summary>
    private sealed class Scenario : IDisposable
    {
        private readonly DisposeScope _scope = NewDisposeScope();
        private readonly Generator _generator = new(3);
        private readonly Tensor _queries, _keys;
        private readonly AlignedBuffer<float> _centered = new(), _flat = new();
        private readonly double _rate;
        private readonly int _d;
        private Tensor _rotation;

        public Scenario(int d, double rate, float heavy)
        {
            (_d, _rate) = (d, rate);
            var keys = randn(2 * Block, d, generator: _generator);
            keys.narrow(0, 5, 4).mul_(heavy);
            _keys = keys.to(float16);
            _queries = randn(Steps * Batch, d, generator: _generator).to(float16);
            _rotation = Rotation.Random(d, _generator, ScalarType.Float64);
            Window.Set([_keys.narrow(0, 0, Block).clone(), _keys.narrow(0, Block, Block).clone()]);
            new StoredRows(_queries).Load(0, Steps * Batch, _centered.Ensure((long)Steps * Batch * d), d, Window.Center.Pointer);
        }

        public KeyWindow Window { get; } = new();

        /// <summary>Searches for the batch of a step, counts nearest keys that are not, and moves the rotation.</summary>
        public int Wrong(SearchEngine engine, int[] sizes, int step, CancellationToken? cancelled = null)
        {
            using var scope = NewDisposeScope();
            _rotation.to(float32).data<float>().CopyTo(_flat.Ensured(_d * _d));
            int Load(int row, int most, float* target)
            {
                var count = Math.Min(most, Steps * Batch - row);
                new ReadOnlySpan<float>(_centered.Pointer + (nint)row * _d, count * _d).CopyTo(new Span<float>(target, count * _d));
                return count;
            }

            var found = engine.Find(_flat.Pointer, sizes, new QueryPlace(1, step * Batch, Batch), Load, _centered.Pointer + (nint)step * Batch * _d, cancelled ?? TestContext.Current.CancellationToken);

            var oracle = new NeighborOracle(_queries.narrow(0, step * Batch, Batch), _keys, _rotation.to(float32), sizes);
            var wrong = 0;
            for (var unit = 0; unit < sizes.Length; unit++)
            {
                for (var query = 0; query < Batch; query++)
                {
                    var (key, at) = (found.Keys[unit * Batch + query], oracle.Sorted(unit, query)[0]);
                    wrong += key == at.Key || oracle[unit, query, key] - at.Distance < Rounding ? 0 : 1;
                }
            }

            var move = (_rate * randn(_d, _d, dtype: float64, generator: _generator)).tril(-1);
            _rotation = _rotation.matmul(matrix_exp(move - move.T)).MoveToOuterDisposeScope();
            return wrong;
        }

        public void Dispose()
        {
            Window.Dispose();
            _centered.Dispose();
            _flat.Dispose();
            _scope.Dispose();
        }
    }
}
