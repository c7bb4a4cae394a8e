using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces.Information;

/// <summary>
/// All keys of a window, rotated and scaled, with the dimensions as rows: tiles of three vectors of keys, [tile, column, Tile]. Kept from batch to
/// batch, since the window hardly moves. Owns its memory and frees it.
/// </summary>
internal sealed unsafe class InformationKeys<TLanes, TVector> : IDisposable
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private readonly AlignedBuffer<float> _turned = new(), _keys = new();
    private readonly int _rows;

    /// <param name="rotation">R with every subspace scaled, [d_model, d_model].</param>
    /// <param name="dModel">d_model.</param>
    public InformationKeys(float* rotation, int dModel)
    {
        DModel = dModel;
        _rows = PackedProduct<TLanes, TVector>.PaddedRows(dModel);
        var turned = _turned.Ensure((long)_rows * dModel); // Rᵀ
        for (var column = 0; column < dModel; column++)
        {
            for (var row = 0; row < dModel; row++)
                turned[(nint)column * dModel + row] = rotation[(nint)row * dModel + column];
        }
    }

    /// <summary>Keys in a tile.</summary>
    public static int Tile => 3 * TLanes.Width;

    public int DModel { get; }

    public int Tiles { get; private set; }

    /// <summary>Keys, without what fills up the last tile.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes for a number of keys.</summary>
    public static long Bytes(long keys, int dModel) => (keys + Tile) * (dModel + 12L) * sizeof(float);

    /// <summary>A tile. [column, Tile]</summary>
    public float* this[int tile] => _keys.Pointer + (nint)tile * _rows * Tile;

    /// <summary>Rotates the keys of a window. What fills up the last tile lies infinitely far away.</summary>
    public void Set(KeyWindow window, int threads, CancellationToken cancellation)
    {
        (Count, Tiles) = (window.Count, (window.Count + Tile - 1) / Tile);
        _keys.Ensure((long)Tiles * _rows * Tile);
        Parts.Each(threads, threads, (_, part) =>
        {
            using AlignedBuffer<float> rows = new((long)Tile * DModel), packed = new((long)Tile * DModel);
            for (var tile = (int)((long)Tiles * part / threads); tile < (int)((long)Tiles * (part + 1) / threads); tile++)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = Math.Min(Tile, Count - tile * Tile);
                for (var i = 0; i < count; i++)
                    window.Load(tile * Tile + i, rows.Pointer + (nint)i * DModel);
                PackedProduct<TLanes, TVector>.Pack(rows.Pointer, 1, DModel, DModel, Tile, packed.Pointer);
                PackedProduct<TLanes, TVector>.Multiply(_turned.Pointer, DModel, _rows, packed.Pointer, DModel, this[tile], Tile, Tile);
                for (var column = 0; count < Tile && column < DModel; column++)
                    new Span<float>(this[tile] + (nint)column * Tile + count, Tile - count).Fill(float.PositiveInfinity);
            }
        });
    }

    /// <summary>Rotates queries by the very operations that keys are rotated by, so that a duplicate lies at exactly 0.</summary>
    /// <param name="queries">[count, DModel]</param>
    /// <param name="count">Queries.</param>
    /// <param name="target">[count, DModel]</param>
    public void Rotate(float* queries, int count, float* target)
    {
        using AlignedBuffer<float> rows = new((long)Tile * DModel), packed = new((long)Tile * DModel), rotated = new((long)Tile * _rows);
        for (var first = 0; first < count; first += Tile)
        {
            var given = Math.Min(Tile, count - first);
            new ReadOnlySpan<float>(queries + (nint)first * DModel, given * DModel).CopyTo(rows.Span);
            PackedProduct<TLanes, TVector>.Pack(rows.Pointer, 1, DModel, DModel, Tile, packed.Pointer);
            PackedProduct<TLanes, TVector>.Multiply(_turned.Pointer, DModel, _rows, packed.Pointer, DModel, rotated.Pointer, Tile, Tile);
            for (var query = 0; query < given; query++)
            {
                for (var column = 0; column < DModel; column++)
                    target[(nint)(first + query) * DModel + column] = rotated.Pointer[(nint)column * Tile + query];
            }
        }
    }

    public void Dispose()
    {
        _turned.Dispose();
        _keys.Dispose();
    }
}
