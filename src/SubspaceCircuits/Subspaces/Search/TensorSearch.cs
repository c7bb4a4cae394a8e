namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// Nearest keys by libtorch's operations, on the device of the rotation: scores <c>q·k − ½‖k‖²</c> chunk by chunk in one batched product for each
/// size of subspace, in TF32 where the device has it; the best few are compared exactly by differences in float32.
/// </summary>
internal static class TensorSearch
{
    /// <summary>Candidates beyond what is asked for: TF32 rounds scores to some 1e-3.</summary>
    private const int Margin = 15;

    private const int Chunk = 16_384;

    /// <inheritdoc cref="NeighborSearch.Nearest(Tensor, IReadOnlyList{Tensor}, Tensor, IReadOnlyList{int}, int, int, CancellationToken)"/>
    public static (Tensor Keys, Tensor Distances) Nearest(Tensor queries, IReadOnlyList<Tensor> keyBlocks, Tensor rotation, IReadOnlyList<int> sizes, int count, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var device = rotation.device;
        var r = rotation.to(float32);
        var split = sizes.Select(size => (long)size).ToArray();
        var center = keyBlocks[0].to(device).to(float32).mean([0]);
        var q = queries.to(device).to(float32) - center;
        var rotatedQueries = q.matmul(r).split(split, dim: 1);
        Tensor? keys = null, distances = null; // [unit, query, count]
        long offset = 0;
        foreach (var block in keyBlocks)
        {
            for (long first = 0; first < block.shape[0]; first += Chunk)
            {
                cancellation.ThrowIfCancellationRequested();
                using var step = NewDisposeScope();
                var rows = block.narrow(0, first, Math.Min(Chunk, block.shape[0] - first)).to(device).to(float32) - center;
                var (found, squared) = InChunk(rotatedQueries, rows.matmul(r).split(split, dim: 1), Math.Min(count, (int)rows.shape[0]));
                found.add_(offset + first);
                if (keys is not null && distances is not null)
                {
                    // Earlier keys first and a stable sort: among equal distances the key met first wins.
                    (squared, found) = (cat([distances, squared], dim: -1), cat([keys, found], dim: -1));
                    var order = squared.sort(dim: -1, descending: false, stable: true).Indices.narrow(-1, 0, Math.Min(count, squared.shape[2]));
                    (squared, found) = (squared.gather(-1, order), found.gather(-1, order));
                }

                (keys, distances) = (found.MoveToOuterDisposeScope(), squared.MoveToOuterDisposeScope());
            }

            offset += block.shape[0];
        }

        return (keys!.MoveToOuterDisposeScope(), distances!.sqrt().MoveToOuterDisposeScope());
    }

    private static (Tensor Keys, Tensor Squared) InChunk(Tensor[] queries, Tensor[] keys, int count)
    {
        using var scope = NewDisposeScope();
        var (found, squared) = (new Tensor[queries.Length], new Tensor[queries.Length]);
        for (var unit = 0; unit < queries.Length; unit++)
        {
            using var step = NewDisposeScope();
            var (q, k) = (queries[unit], keys[unit]);
            var scores = q.matmul(k.T) - 0.5 * k.square().sum(dim: 1);                       // [query, key]
            var (_, candidates) = scores.topk((int)Math.Min(count + Margin, k.shape[0]), dim: 1);
            var (inOrder, _) = candidates.sort(1);                                            // the key met first comes first
            var difference = k.index_select(0, inOrder.flatten()).reshape(inOrder.shape[0], inOrder.shape[1], -1) - q.unsqueeze(1);
            var exact = difference.square().sum(dim: -1);                                     // [query, candidate]
            var order = exact.sort(dim: -1, descending: false, stable: true).Indices.narrow(1, 0, count);
            (found[unit], squared[unit]) = (inOrder.gather(1, order).MoveToOuterDisposeScope(), exact.gather(1, order).MoveToOuterDisposeScope());
        }

        return (stack(found, dim: 0).MoveToOuterDisposeScope(), stack(squared, dim: 0).MoveToOuterDisposeScope());
    }
}
