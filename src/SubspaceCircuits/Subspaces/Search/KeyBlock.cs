using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// A block of keys with what searches need to know of it; made once, when the block comes into the window. Models with few states give the
/// same row again and again: where it pays, only the first of equal rows is searched. Owns the copy of distinct rows and disposes it.
/// </summary>
internal sealed unsafe class KeyBlock : IDisposable
{
    private const double DistinctPays = 0.9;

    private readonly Tensor? _distinct;
    private readonly int[]? _firsts;

    public KeyBlock(Tensor tensor, AlignedBuffer<float> center, bool isDistinct)
    {
        Tensor = tensor;
        Rows = new StoredRows(tensor);
        Total = Rows.Count;
        if (isDistinct && Rows.FirstsOfEqual() is { } firsts && firsts.Length < DistinctPays * Rows.Count)
        {
            using var scope = NewDisposeScope();
            _distinct = tensor.cpu().index_select(0, torch.tensor([.. firsts.Select(row => (long)row)])).DetachFromDisposeScope();
            (_firsts, Rows) = (firsts, new StoredRows(_distinct));
        }

        Norms = new float[Rows.Count];
        using var loaded = new AlignedBuffer<float>(Rows.DModel);
        for (var i = 0; i < Rows.Count; i++)
        {
            Rows.Load(i, loaded.Pointer, center.Pointer);
            Norms[i] = MathF.Sqrt(Row.Dot(loaded.Pointer, loaded.Pointer, Rows.DModel));
        }
    }

    /// <summary>The buffer's tensor, which tells blocks apart.</summary>
    public Tensor Tensor { get; }

    /// <summary>Rows of the tensor, equal ones counted.</summary>
    public int Total { get; }

    /// <summary>The rows that are searched.</summary>
    public StoredRows Rows { get; }

    /// <summary>Distance of every searched row from the center.</summary>
    public float[] Norms { get; }

    /// <summary>Row of the tensor that a searched row is.</summary>
    public int Original(int row) => _firsts is null ? row : _firsts[row];

    public void Dispose() => _distinct?.Dispose();
}
