using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// A block of keys with what searches need to know of it; made once, when the block comes into the window. Models with few states give the
/// same row again and again: where it pays, only the first of equal rows is searched. Owns its copies of rows and frees them.
/// </summary>
internal sealed unsafe class KeyBlock : IDisposable
{
    private const double DistinctPays = 0.9;

    private readonly Tensor? _distinct;
    private readonly int[]? _firsts;
    private readonly AlignedBuffer<float> _center, _ready = new();

    public KeyBlock(Tensor tensor, AlignedBuffer<float> center, bool isDistinct)
    {
        (Tensor, _center) = (tensor, center);
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

    /// <summary>Rows that may be read beyond the last one where rows are kept ready.</summary>
    public const int Spare = 16;

    /// <summary>The searched rows less the center [row, d_model], or null when they are not kept ready.</summary>
    public float* Ready { get; private set; }

    /// <summary>Keeps the searched rows as they are needed, in float32 and less the center.</summary>
    public void KeepReady()
    {
        if (Ready != null)
            return;
        Rows.Load(0, Rows.Count, _ready.Ensure((long)(Rows.Count + Spare) * Rows.DModel), Rows.DModel, _center.Pointer);
        Ready = _ready.Pointer;
    }

    /// <summary>Reads a searched row less the center.</summary>
    public void Load(int row, float* target)
    {
        if (Ready != null)
            new ReadOnlySpan<float>(Ready + (nint)row * Rows.DModel, Rows.DModel).CopyTo(new Span<float>(target, Rows.DModel));
        else
            Rows.Load(row, target, _center.Pointer);
    }

    /// <summary>Asks for a searched row's memory before it is read; what is kept ready is near enough.</summary>
    public void Prefetch(int row)
    {
        if (Ready == null)
            Rows.Prefetch(row);
    }

    /// <summary>Row of the tensor that a searched row is.</summary>
    public int Original(int row) => _firsts is null ? row : _firsts[row];

    public void Dispose()
    {
        _distinct?.Dispose();
        _ready.Dispose();
    }
}
