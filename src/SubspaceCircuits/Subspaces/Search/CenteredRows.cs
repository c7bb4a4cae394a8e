using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>Queries and keys less one center, and a rotation, as kernels take them. Owns its memory and frees it.</summary>
internal sealed unsafe class CenteredRows : IDisposable
{
    private readonly AlignedBuffer<float> _queries = new(), _rotation = new();

    /// <param name="queries">[query, d_model]</param>
    /// <param name="keyBlocks">Blocks of keys [key, d_model], which must outlive this.</param>
    /// <param name="rotation">[d_model, d_model]</param>
    /// <param name="isDistinct">Whether equal keys are searched once.</param>
    public CenteredRows(Tensor queries, IReadOnlyList<Tensor> keyBlocks, Tensor rotation, bool isDistinct)
    {
        using var scope = NewDisposeScope();
        Window = new KeyWindow(isDistinct);
        Window.Set(keyBlocks);
        (Queries, DModel) = ((int)queries.shape[0], (int)rotation.shape[0]);
        rotation.detach().cpu().to(float32).contiguous().data<float>().CopyTo(_rotation.Ensured(rotation.numel()));
        new StoredRows(queries.detach().to(float32)).Load(0, Queries, _queries.Ensure(Math.Max(1, (long)Queries * DModel)), DModel, Window.Center.Pointer);
    }

    public KeyWindow Window { get; }

    public int Queries { get; }

    public int DModel { get; }

    /// <summary>R. [d_model, d_model]</summary>
    public float* Rotation => _rotation.Pointer;

    /// <summary>A query and those after it. [query, d_model]</summary>
    public float* Query(int query) => _queries.Pointer + (nint)query * DModel;

    public void Dispose()
    {
        Window.Dispose();
        _queries.Dispose();
        _rotation.Dispose();
    }
}
