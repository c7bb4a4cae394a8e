using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Tests.Subspaces.Search;

/// <summary>Rotation in bfloat16 against float64. It is right on any machine, and fast on some.</summary>
public sealed unsafe class BrainFloatRowsTests
{
    private const int Count = 301, DModel = 75;

    [Fact]
    public void Coordinates_are_off_by_no_more_than_the_bound_and_not_by_far_less()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var columns = new SubspaceColumns([32, 30, 13], [0, 2]);
        var stored = (randn(Count, DModel, generator: generator) * rand(Count, 1, generator: generator).pow(-1) + 0.5).to(float16);
        var center = rand(DModel, generator: generator);
        var rotation = Rotation.Random(DModel, generator);
        using var gathered = new AlignedBuffer<float>();
        using var offset = new AlignedBuffer<float>(DModel);
        center.data<float>().ToArray().CopyTo(offset.Span);
        fixed (float* values = rotation.data<float>().ToArray())
            columns.Gather(values, DModel, null, gathered);
        using var rows = new BrainFloatRows(capacity: 128, DModel, gathered.Pointer, columns);
        using var read = new AlignedBuffer<float>(128L * columns.Count);
        var source = new StoredRows(stored);
        var exact = stored.to(float64) - center.to(float64);

        var worst = 0.0;
        for (var first = 0; first < Count; first += 128)
        {
            var count = Math.Min(128, Count - first);
            rows.Rotate(source, first, count, offset.Pointer, threads: 2);
            rows.Read(0, count, read.Pointer, columns.Count);
            var found = tensor(read.Span[..(count * columns.Count)].ToArray(), [count, columns.Count]).to(float64);
            var expected = exact.narrow(0, first, count).matmul(rotation.to(float64));
            var norms = exact.narrow(0, first, count).norm(1);
            for (var s = 0; s < 2; s++)
            {
                var size = columns.Sizes[s];
                var error = (found.narrow(1, columns.Starts[s], size) - expected.narrow(1, columns.Sources[s], size)).norm(1) / norms;
                worst = Math.Max(worst, error.max().item<double>() / rows.Error(s));
            }
        }

        Assert.InRange(worst, 0.1, 1);
    }

    [Fact]
    public void Bounds_of_a_pass_hold_for_every_candidate()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        var keys = randn(2500, 160, generator: generator).to(float16);
        var queries = randn(40, 160, generator: generator).contiguous();
        var rotation = Rotation.Random(160, generator).contiguous();
        var columns = new SubspaceColumns([32, 64, 64], [0, 1, 2]);
        using var center = new AlignedBuffer<float>(160);
        var norm = keys.to(float32).norm(1).max().item<float>();
        using var pass = Kernels.Pass(new EngineSettings { Threads = 2 });
        fixed (float* q = queries.data<float>().ToArray(), r = rotation.data<float>().ToArray())
            pass.Run(new PassSettings([new StoredRows(keys)], center, columns, Kept: 16, IsBytes: true, BrainFloatNorm: norm), r, q, 40, TestContext.Current.CancellationToken);

        var (rotatedKeys, rotatedQueries) = (keys.to(float64).matmul(rotation.to(float64)), queries.to(float64).matmul(rotation.to(float64)));
        for (var s = 0; s < 3; s++)
        {
            var distances = cdist(rotatedQueries.narrow(1, columns.Sources[s], columns.Sizes[s]), rotatedKeys.narrow(1, columns.Sources[s], columns.Sizes[s]), 2, compute_mode.donot_use_mm_for_euclid_dist);
            for (var query = 0; query < 40; query++)
            {
                var candidates = pass.Candidates(s, query);
                var ofQuery = distances[query].data<double>().ToArray();
                Assert.Equal(16, candidates.Length);
                foreach (var entry in candidates)
                    Assert.True(pass.LowerBound(s, query, entry) <= ofQuery[CandidateLists.Key(entry)], "A candidate is nearer than its bound.");
                var others = ofQuery.Select((distance, key) => (distance, key)).ExceptBy([.. candidates.ToArray().Select(CandidateLists.Key)], pair => pair.key);
                Assert.True(others.Min(pair => pair.distance) >= pass.LowerBound(s, query, candidates[^1]), "A key that is no candidate is nearer than the last one's bound.");
            }
        }
    }
}
