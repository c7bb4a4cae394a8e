using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces;

/// <summary>For every query and subspace the nearest keys in that subspace, among blocks of keys that stream by.</summary>
/// <remarks>
/// Exact: distances are taken from differences of rotated coordinates in float32, so keys whose distances differ by less than about 1e-7 of the
/// rotated activations may change places; among equal distances the key met first wins. Nothing of the size subspaces × queries × keys is kept.
/// Activations in float16 or bfloat16 are widened as they are read; float64 is narrowed to float32. With the rotation on another device than the
/// CPU everything is computed there, through libtorch.
/// </remarks>
public static class NeighborSearch
{
    private const int Batch = 256;

    /// <summary>Finds the keys with the least <c>‖(q − k) R_s‖₂</c>.</summary>
    /// <param name="queries">[query, d_model]</param>
    /// <param name="keyBlocks">Blocks of keys [key, d_model], in their storage type.</param>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="count">How many keys for each query and subspace, at least 1 and at most all.</param>
    /// <param name="threads">Threads; 0 means as many as libtorch has.</param>
    /// <param name="cancellation">Checked between tiles of keys.</param>
    /// <returns>Indices of keys, counted through all blocks, int64, and distances, float32, nearest first. [unit, query, count]</returns>
    /// <exception cref="ArgumentException">There are no or too few keys, shapes do not fit, or a value is not finite.</exception>
    public static (Tensor Keys, Tensor Distances) Nearest(Tensor queries, IReadOnlyList<Tensor> keyBlocks, Tensor rotation, IReadOnlyList<int> sizes, int count = 1, int threads = 0, CancellationToken cancellation = default)
    {
        Require(queries, keyBlocks, rotation, sizes);
        var keys = keyBlocks.Sum(block => block.shape[0]);
        if (count < 1 || count > keys)
            throw new ArgumentException($"One to {keys} nearest keys (there are no more) can be asked for, but {count} were.");
        return rotation.device_type is not DeviceType.CPU
            ? TensorSearch.Nearest(queries, keyBlocks, rotation, sizes, count, cancellation)
            : Nearest(queries, keyBlocks, rotation, sizes, count, new EngineSettings { Threads = ComputeThreads.Or(threads) }, cancellation);
    }

    /// <summary>Finds all keys with <c>‖(q − k) R_s‖₂ ≤ r</c>.</summary>
    /// <param name="queries">[query, d_model]</param>
    /// <param name="keyBlocks">Blocks of keys [key, d_model], in their storage type.</param>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="radius">r, not negative.</param>
    /// <param name="cancellation">Checked between tiles of keys.</param>
    /// <returns>Of every match unit, query and key, int64 [match, 3], sorted in this order, and the distance, float32 [match].</returns>
    /// <exception cref="ArgumentException">There are no keys, shapes do not fit, a value is not finite, or the radius is negative.</exception>
    public static (Tensor Matches, Tensor Distances) Within(Tensor queries, IReadOnlyList<Tensor> keyBlocks, Tensor rotation, IReadOnlyList<int> sizes, double radius, CancellationToken cancellation = default)
    {
        Require(queries, keyBlocks, rotation, sizes);
        if (!(radius >= 0))
            throw new ArgumentException($"A radius should not be negative, but is {radius}.");
        return Within(queries, keyBlocks, rotation, sizes, (float)radius, VectorPaths.Best, cancellation);
    }

    internal static (Tensor Keys, Tensor Distances) Nearest(Tensor queries, IReadOnlyList<Tensor> keyBlocks, Tensor rotation, IReadOnlyList<int> sizes, int count, EngineSettings settings, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var rows = new CenteredRows(queries, Stored(keyBlocks), rotation, isDistinct: count == 1);
        return count == 1 ? One(rows, sizes, settings, cancellation) : Several(rows, sizes, count, settings, cancellation);
    }

    internal static (Tensor Matches, Tensor Distances) Within(Tensor queries, IReadOnlyList<Tensor> keyBlocks, Tensor rotation, IReadOnlyList<int> sizes, float radius, VectorPath path, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var rows = new CenteredRows(queries, Stored(keyBlocks), rotation, isDistinct: false);
        var found = Kernels.Range(path).Within(rows, sizes, radius, cancellation);
        found.Sort((a, b) => (a.Unit, a.Query, a.Key).CompareTo((b.Unit, b.Query, b.Key)));
        var matches = tensor([.. found.SelectMany(match => new long[] { match.Unit, match.Query, match.Key })], [found.Count, 3]);
        return (matches.MoveToOuterDisposeScope(), tensor(found.ConvertAll(match => match.Distance).ToArray()).MoveToOuterDisposeScope());
    }

    private static unsafe (Tensor, Tensor) One(CenteredRows rows, IReadOnlyList<int> sizes, EngineSettings settings, CancellationToken cancellation)
    {
        using var engine = new SearchEngine(settings, rows.Window);
        var (keys, distances) = (new long[sizes.Count * rows.Queries], new float[sizes.Count * rows.Queries]);
        int Load(int row, int most, float* target)
        {
            var given = Math.Min(most, rows.Queries - row);
            new ReadOnlySpan<float>(rows.Query(row), given * rows.DModel).CopyTo(new Span<float>(target, given * rows.DModel));
            return given;
        }

        for (var first = 0; first < rows.Queries; first += Batch)
        {
            var batch = Math.Min(Batch, rows.Queries - first);
            var found = engine.Find(rows.Rotation, sizes, new QueryPlace(0, first, batch), Load, rows.Query(first), cancellation);
            for (var unit = 0; unit < sizes.Count; unit++)
            {
                for (var query = 0; query < batch; query++)
                {
                    var to = unit * rows.Queries + first + query;
                    (keys[to], distances[to]) = (rows.Window.Original(found.Keys[unit * batch + query]), found.Distances[unit * batch + query]);
                }
            }
        }

        long[] shape = [sizes.Count, rows.Queries, 1];
        return (tensor(keys, shape).MoveToOuterDisposeScope(), tensor(distances, shape).MoveToOuterDisposeScope());
    }

    private static unsafe (Tensor, Tensor) Several(CenteredRows rows, IReadOnlyList<int> sizes, int count, EngineSettings settings, CancellationToken cancellation)
    {
        using var pass = Kernels.Pass(settings);
        using var recheck = Kernels.Recheck(settings);
        var columns = new SubspaceColumns(sizes, [.. Enumerable.Range(0, sizes.Count)]);
        var (keys, distances) = (new long[sizes.Count * rows.Queries * count], new float[sizes.Count * rows.Queries * count]);
        for (var first = 0; first < rows.Queries; first += Batch)
        {
            var batch = Math.Min(Batch, rows.Queries - first);
            for (var kept = Math.Min(rows.Window.Count, count + 8); ; kept = Math.Min(rows.Window.Count, 4 * kept))
            {
                pass.Run(new PassSettings([.. rows.Window.Blocks.Select(block => block.Rows)], rows.Window.Center, columns, kept, IsBytes: false), rows.Rotation, rows.Query(first), batch, cancellation);
                var isProved = true;
                for (var unit = 0; unit < sizes.Count; unit++)
                {
                    recheck.Begin(rows.Rotation, columns.Sources[unit], sizes[unit], rows.Query(first), batch, rows.DModel);
                    for (var query = 0; query < batch; query++)
                    {
                        var candidates = pass.Candidates(unit, query).ToArray();
                        Pair[] pairs = [.. candidates.Select(entry => new Pair(query, CandidateLists.Key(entry)))];
                        var squared = new float[pairs.Length];
                        recheck.SquaredDistances(rows.Window, pairs, squared);
                        var best = pairs.Zip(squared, (pair, distance) => (distance, pair.Key)).Order().Take(count).ToArray();
                        isProved &= kept == rows.Window.Count || MathF.Sqrt(best[^1].distance) < pass.LowerBound(unit, query, candidates[^1]);
                        for (var i = 0; i < count; i++)
                        {
                            var to = (unit * rows.Queries + first + query) * count + i;
                            (keys[to], distances[to]) = (best[i].Key, MathF.Sqrt(best[i].distance));
                        }
                    }
                }

                if (isProved)
                    break;
            }
        }

        long[] shape = [sizes.Count, rows.Queries, count];
        return (tensor(keys, shape).MoveToOuterDisposeScope(), tensor(distances, shape).MoveToOuterDisposeScope());
    }

    /// <summary>Blocks in a type that is read as it is.</summary>
    private static Tensor[] Stored(IReadOnlyList<Tensor> blocks) => [.. blocks.Select(block => block.dtype == float64 ? block.to(float32) : block)];

    private static void Require(Tensor queries, IReadOnlyList<Tensor> keyBlocks, Tensor rotation, IReadOnlyList<int> sizes)
    {
        if (keyBlocks.Count == 0 || keyBlocks.All(block => block.shape[0] == 0))
            throw new ArgumentException("The search needs at least one block of keys.");
        Partition.RequireCover(sizes, rotation.shape[0]);
        foreach (var rows in keyBlocks.Append(queries))
        {
            if (rows.dim() != 2 || rows.shape[1] != rotation.shape[0])
                throw new ArgumentException($"Queries and keys should be [row, {rotation.shape[0]}], as wide as the rotation, but one is [{string.Join(", ", rows.shape)}].");
        }

        using var scope = NewDisposeScope();
        if (keyBlocks.Append(queries).Append(rotation).Any(values => !values.isfinite().all().item<bool>()))
            throw new ArgumentException("Queries, keys or the rotation hold values that are not finite. Look for overflow in half precision or a damaged file.");
    }
}
