using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>Loss and gradient for neighbours that are held constant.</summary>
internal interface ISubspaceGradient : IDisposable
{
    /// <summary>
    /// <c>L = 1/(S B) Σ_s Σ_b ‖R_sᵀ Δ‖</c> and <c>∂L/∂R_s = 1/(S B) Σ_b Δ (Δᵀ R_s)/‖R_sᵀ Δ‖</c> with <c>Δ = q_b − k_{s,b}</c>; a zero distance
    /// contributes nothing.
    /// </summary>
    /// <param name="window">The keys.</param>
    /// <param name="rotation">R, [d_model, d_model].</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="queries">Less the center. [query, d_model]</param>
    /// <param name="neighbors">Their nearest keys.</param>
    /// <param name="gradient">∂L/∂R. [d_model, d_model]</param>
    /// <returns>L.</returns>
    unsafe double Of(KeyWindow window, float* rotation, IReadOnlyList<int> sizes, float* queries, Neighbors neighbors, float* gradient);
}

/// <inheritdoc cref="ISubspaceGradient"/>
internal sealed unsafe class SubspaceGradient<TLanes, TVector>(int threads) : ISubspaceGradient
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private readonly Worker[] _workers = [.. Enumerable.Range(0, threads).Select(_ => new Worker())];

    public double Of(KeyWindow window, float* rotation, IReadOnlyList<int> sizes, float* queries, Neighbors neighbors, float* gradient)
    {
        var firsts = SubspaceColumns.FirstsOf(sizes);
        var losses = new double[sizes.Count];
        Parts.Each(threads, sizes.Count, (thread, unit) =>
            losses[unit] = OfUnit(_workers[thread], window, rotation, firsts[unit], sizes[unit], queries, neighbors.Keys.AsSpan(unit * neighbors.Queries, neighbors.Queries), sizes.Count, gradient));
        return losses.Sum() / (sizes.Count * (double)neighbors.Queries);
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
            worker.Dispose();
    }

    private static double OfUnit(Worker worker, KeyWindow window, float* rotation, int first, int size, float* queries, ReadOnlySpan<int> keys, int units, float* gradient)
    {
        var (d, batch) = (window.DModel, keys.Length);
        int width = PackedProduct<TLanes, TVector>.Padded(size), wide = PackedProduct<TLanes, TVector>.Padded(d);
        int rows = PackedProduct<TLanes, TVector>.PaddedRows(batch), unitRows = PackedProduct<TLanes, TVector>.PaddedRows(size);
        var differences = worker.Differences.Ensure((long)rows * d);
        for (var query = 0; query < batch; query++)
        {
            var difference = differences + (nint)query * d;
            window.Load(keys[query], difference);
            Row.SubtractFrom(queries + (nint)query * d, difference, d);
        }

        // U = Δ R_s, each row then divided by its norm.
        var packed = worker.Packed.Ensure(Math.Max((long)width * d, (long)wide * batch));
        PackedProduct<TLanes, TVector>.Pack(rotation + first, d, 1, d, size, packed);
        var projected = worker.Projected.Ensure((long)rows * width);
        PackedProduct<TLanes, TVector>.Multiply(differences, d, rows, packed, d, projected, width, size);
        var (loss, share) = (0.0, 1 / ((float)units * batch));
        var turned = worker.Turned.Ensure((long)unitRows * batch); // Uᵀ
        for (var query = 0; query < batch; query++)
        {
            var u = projected + (nint)query * width;
            var norm = MathF.Sqrt(Row.Dot(u, u, size));
            loss += norm;
            var factor = norm > 0 ? share / norm : 0;
            for (var i = 0; i < size; i++)
                turned[(nint)i * batch + query] = u[i] * factor;
        }

        // (∂L/∂R_s)ᵀ = Uᵀ Δ
        PackedProduct<TLanes, TVector>.Pack(differences, d, 1, batch, d, packed);
        var result = worker.Result.Ensure((long)unitRows * wide);
        PackedProduct<TLanes, TVector>.Multiply(turned, batch, unitRows, packed, batch, result, wide, d);
        for (var row = 0; row < d; row++)
        {
            for (var i = 0; i < size; i++)
                gradient[(nint)row * d + first + i] = result[(nint)i * wide + row];
        }

        return loss;
    }

    private sealed class Worker : IDisposable
    {
        public AlignedBuffer<float> Differences { get; } = new();

        public AlignedBuffer<float> Packed { get; } = new();

        public AlignedBuffer<float> Projected { get; } = new();

        public AlignedBuffer<float> Turned { get; } = new();

        public AlignedBuffer<float> Result { get; } = new();

        public void Dispose()
        {
            foreach (var buffer in new[] { Differences, Packed, Projected, Turned, Result })
                buffer.Dispose();
        }
    }
}
