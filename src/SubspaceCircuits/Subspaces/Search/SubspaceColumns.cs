using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>Where the dimensions of chosen subspaces lie in a rotated tile: one after the other, each filled up to a multiple of a unit.</summary>
internal sealed class SubspaceColumns
{
    /// <param name="sizes">Columns of each subspace of R.</param>
    /// <param name="chosen">Which of them.</param>
    /// <param name="unit">Dimensions of each are filled up to a multiple of this.</param>
    public SubspaceColumns(IReadOnlyList<int> sizes, IReadOnlyList<int> chosen, int unit = 4)
    {
        var firsts = FirstsOf(sizes);
        Chosen = [.. chosen];
        Sizes = [.. chosen.Select(subspace => sizes[subspace])];
        Sources = [.. chosen.Select(subspace => firsts[subspace])];
        Padded = [.. Sizes.Select(size => (size + unit - 1) / unit * unit)];
        Starts = new int[chosen.Count];
        for (var i = 0; i < chosen.Count; i++)
        {
            Starts[i] = Count;
            Count += Padded[i];
        }
    }

    /// <summary>The subspaces. All others below are in this order.</summary>
    public int[] Chosen { get; }

    /// <summary>Dimensions.</summary>
    public int[] Sizes { get; }

    /// <summary>First column in R.</summary>
    public int[] Sources { get; }

    /// <summary>Dimensions, filled up.</summary>
    public int[] Padded { get; }

    /// <summary>First column in the tile.</summary>
    public int[] Starts { get; }

    /// <summary>Columns of the tile.</summary>
    public int Count { get; }

    /// <summary>First column of each subspace.</summary>
    public static int[] FirstsOf(IReadOnlyList<int> sizes)
    {
        var firsts = new int[sizes.Count];
        for (var i = 1; i < sizes.Count; i++)
            firsts[i] = firsts[i - 1] + sizes[i - 1];
        return firsts;
    }

    /// <summary>Copies the columns of R.</summary>
    /// <param name="rotation">R, [d_model, d_model].</param>
    /// <param name="dModel">Rows of R.</param>
    /// <param name="turns">For each subspace an orthogonal matrix [size, size] that turns it within itself, or null.</param>
    /// <param name="target">[d_model, Count]</param>
    public unsafe void Gather(float* rotation, int dModel, float[]?[]? turns, AlignedBuffer<float> target)
    {
        var to = target.Ensure((long)dModel * Count);
        new Span<float>(to, dModel * Count).Clear();
        for (var s = 0; s < Chosen.Length; s++)
        {
            var size = Sizes[s];
            for (var row = 0; row < dModel; row++)
            {
                var source = new ReadOnlySpan<float>(rotation + (nint)row * dModel + Sources[s], size);
                var place = new Span<float>(to + (nint)row * Count + Starts[s], size);
                if (turns?[s] is not { } turn)
                {
                    source.CopyTo(place);
                    continue;
                }

                for (var i = 0; i < size; i++)
                {
                    for (var j = 0; j < size; j++)
                        place[j] += source[i] * turn[i * size + j];
                }
            }
        }
    }
}
