using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>A key within the radius of a query.</summary>
internal readonly record struct Match(int Unit, int Query, int Key, float Distance);

/// <summary>All keys within a radius.</summary>
internal interface IRangeSearch
{
    /// <summary>Finds them, in no particular order.</summary>
    List<Match> Within(CenteredRows rows, IReadOnlyList<int> sizes, float radius, CancellationToken cancellation);
}

/// <inheritdoc cref="IRangeSearch"/>
internal sealed unsafe class RangeSearch<TLanes, TVector> : IRangeSearch
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Tile = 96;

    public List<Match> Within(CenteredRows rows, IReadOnlyList<int> sizes, float radius, CancellationToken cancellation)
    {
        var (d, columns) = (rows.DModel, new SubspaceColumns(sizes, [.. Enumerable.Range(0, sizes.Count)]));
        var width = PackedProduct<TLanes, TVector>.Padded(columns.Count);
        using AlignedBuffer<float> gathered = new(), packed = new((long)width * d), loaded = new((long)Tile * d), rotated = new((long)Tile * width), queries = new((long)PackedProduct<TLanes, TVector>.PaddedRows(rows.Queries) * width);
        columns.Gather(rows.Rotation, d, null, gathered);
        PackedProduct<TLanes, TVector>.Pack(gathered.Pointer, columns.Count, 1, d, columns.Count, packed.Pointer);
        PackedProduct<TLanes, TVector>.MultiplyAny(rows.Query(0), d, rows.Queries, packed.Pointer, d, queries.Pointer, width, columns.Count);

        List<Match> found = [];
        var offset = 0;
        foreach (var block in rows.Window.Blocks)
        {
            for (var row = 0; row < block.Rows.Count; row += Tile)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = Math.Min(Tile, block.Rows.Count - row);
                block.Rows.Load(row, count, loaded.Pointer, d, rows.Window.Center.Pointer);
                PackedProduct<TLanes, TVector>.Multiply(loaded.Pointer, d, Tile, packed.Pointer, d, rotated.Pointer, width, columns.Count);
                Compare(rows.Queries, columns, queries.Pointer, rotated.Pointer, width, count, offset + row, radius, found);
            }

            offset += block.Rows.Count;
        }

        return found;
    }

    private static void Compare(int queries, SubspaceColumns columns, float* rotatedQueries, float* keys, int width, int count, int firstKey, float radius, List<Match> found)
    {
        for (var s = 0; s < columns.Chosen.Length; s++)
        {
            for (var query = 0; query < queries; query++)
            {
                var q = rotatedQueries + (nint)query * width + columns.Starts[s];
                for (var key = 0; key < count; key++)
                {
                    var distance = MathF.Sqrt(Row.SquaredDistance(q, keys + (nint)key * width + columns.Starts[s], columns.Sizes[s]));
                    if (distance <= radius)
                        found.Add(new Match(s, query, firstKey + key, distance));
                }
            }
        }
    }
}
