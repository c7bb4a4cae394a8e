using System.Runtime.Intrinsics;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces.Information;

/// <summary>Mutual information of all pairs, batch by batch. Owns what it keeps between batches and frees it.</summary>
internal interface IInformationEngine : IDisposable
{
    /// <summary>Adds the estimate of one batch.</summary>
    /// <param name="queries">Block of queries. [row, d_model]</param>
    /// <param name="first">First row of the batch.</param>
    /// <param name="count">Queries.</param>
    /// <param name="keyBlocks">Keys.</param>
    /// <param name="information">Added to. [unit, unit]</param>
    /// <param name="cancellation">Checked between tiles of keys.</param>
    void AddBatch(Tensor queries, int first, int count, IReadOnlyList<Tensor> keyBlocks, double[,] information, CancellationToken cancellation);

    /// <summary>Of every query, unit a and unit b: n_a. [query, unit, unit]</summary>
    int[] Counts(Tensor queries, int first, int count, IReadOnlyList<Tensor> keyBlocks, CancellationToken cancellation);
}

/// <summary>Makes engines.</summary>
internal static class InformationEngines
{
    public static IInformationEngine Make(Tensor scaledRotation, IReadOnlyList<int> sizes, int threads, VectorPath path, int memoryMiB) => path switch
    {
        VectorPath.Avx512 => new InformationEngine<WideLanes, Vector512<float>>(scaledRotation, sizes, threads, memoryMiB),
        VectorPath.Avx2 => new InformationEngine<MiddleLanes, Vector256<float>>(scaledRotation, sizes, threads, memoryMiB),
        _ => new InformationEngine<PortableLanes, Vector128<float>>(scaledRotation, sizes, threads, memoryMiB),
    };
}

/// <inheritdoc cref="IInformationEngine"/>
internal sealed unsafe class InformationEngine<TLanes, TVector> : IInformationEngine
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Group = TileDistances<TLanes, TVector>.Queries;
    private const double EulerGamma = 0.57721566490153286;

    private readonly KeyWindow _window = new(isDistinct: false);
    private readonly InformationKeys<TLanes, TVector> _keys;
    private readonly int[] _sizes;
    private readonly int _threads, _memoryMiB;
    private PairCounts<TLanes, TVector>[] _counts = [];
    private double[] _digamma = [];
    private int _version = -1;
    private (Tensor Tensor, StoredRows Rows)? _queries;

    public InformationEngine(Tensor scaledRotation, IReadOnlyList<int> sizes, int threads, int memoryMiB)
    {
        (_sizes, _threads, _memoryMiB) = ([.. sizes], threads, memoryMiB);
        fixed (float* rotation = scaledRotation.contiguous().data<float>().ToArray())
            _keys = new(rotation, (int)scaledRotation.shape[0]);
    }

    public void AddBatch(Tensor queries, int first, int count, IReadOnlyList<Tensor> keyBlocks, double[,] information, CancellationToken cancellation)
    {
        var counts = Counts(queries, first, count, keyBlocks, cancellation);
        var units = _sizes.Length;
        var constant = _digamma[0] + _digamma[_keys.Count];
        for (var a = 0; a < units; a++)
        {
            for (var b = 0; b < units; b++)
            {
                if (a == b)
                    continue;
                var sum = 0.0;
                for (var query = 0; query < count; query++)
                    sum += _digamma[counts[(query * units + a) * units + b]] + _digamma[counts[(query * units + b) * units + a]];
                information[a, b] += constant - sum / count;
            }
        }
    }

    public int[] Counts(Tensor queries, int first, int count, IReadOnlyList<Tensor> keyBlocks, CancellationToken cancellation)
    {
        SetKeys(keyBlocks, cancellation);
        if (_queries is null || !ReferenceEquals(_queries.Value.Tensor, queries))
            _queries = (queries, new StoredRows(queries));
        var (rows, units, d) = (_queries.Value.Rows, _sizes.Length, _keys.DModel);
        var result = new int[count * units * units];
        var groups = (count + Group - 1) / Group;
        using AlignedBuffer<float> loaded = new((long)count * d), rotated = new((long)groups * Group * d);
        rows.Load(first, count, loaded.Pointer, d, _window.Center.Pointer);
        _keys.Rotate(loaded.Pointer, count, rotated.Pointer);
        var start = rotated.Pointer;
        Parts.Each(_threads, groups, (thread, group) =>
        {
            cancellation.ThrowIfCancellationRequested();
            var given = Math.Min(Group, count - group * Group);
            _counts[thread].Of(start + (nint)group * Group * d, given, result.AsSpan(group * Group * units * units, given * units * units));
        });
        return result;
    }

    public void Dispose()
    {
        foreach (var counts in _counts)
            counts.Dispose();
        _keys.Dispose();
        _window.Dispose();
    }

    private void SetKeys(IReadOnlyList<Tensor> keyBlocks, CancellationToken cancellation)
    {
        _window.Set(keyBlocks);
        if (_version == _window.Version)
            return;
        var bytes = InformationKeys<TLanes, TVector>.Bytes(_window.Count, _window.DModel);
        if (bytes > (long)_memoryMiB << 20)
            throw new ArgumentException($"Mutual information with {_window.Count} keys needs {bytes >> 20} MiB, but the budget is {_memoryMiB} MiB. Search fewer blocks or raise the budget.");
        _version = -1;
        _keys.Set(_window, _threads, cancellation);
        foreach (var counts in _counts)
            counts.Dispose();
        _counts = [.. Enumerable.Range(0, _threads).Select(_ => new PairCounts<TLanes, TVector>(_keys, _sizes))];
        if (_digamma.Length != _keys.Count + 1)
        {
            _digamma = new double[_keys.Count + 1]; // ψ(n + 1) = −γ + Σ 1/k
            _digamma[0] = -EulerGamma;
            for (var n = 1; n < _digamma.Length; n++)
                _digamma[n] = _digamma[n - 1] + 1.0 / n;
        }

        _version = _window.Version;
    }
}
