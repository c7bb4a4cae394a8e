namespace SubspaceCircuits.Tests.Subspaces;

/// <summary>Distances of all queries to all keys in every subspace, by loops in float64.</summary>
internal sealed class NeighborOracle
{
    private readonly double[][,] _distances;

    public NeighborOracle(Tensor queries, Tensor keys, Tensor rotation, IReadOnlyList<int> sizes)
    {
        double[,] q = Rows(queries.to(float64).matmul(rotation.to(float64))), k = Rows(keys.to(float64).matmul(rotation.to(float64)));
        (Queries, Keys, _distances) = (q.GetLength(0), k.GetLength(0), new double[sizes.Count][,]);
        var start = 0;
        for (var unit = 0; unit < sizes.Count; start += sizes[unit++])
        {
            _distances[unit] = new double[Queries, Keys];
            for (var i = 0; i < Queries; i++)
            {
                for (var j = 0; j < Keys; j++)
                {
                    var sum = 0.0;
                    for (var column = start; column < start + sizes[unit]; column++)
                        sum += (q[i, column] - k[j, column]) * (q[i, column] - k[j, column]);
                    _distances[unit][i, j] = Math.Sqrt(sum);
                }
            }
        }
    }

    public int Queries { get; }

    public int Keys { get; }

    public double this[int unit, int query, int key] => _distances[unit][query, key];

    /// <summary>Keys by distance, on ties by index.</summary>
    public (int Key, double Distance)[] Sorted(int unit, int query) =>
        [.. Enumerable.Range(0, Keys).Select(key => (key, _distances[unit][query, key])).OrderBy(pair => pair.Item2).ThenBy(pair => pair.key)];

    private static double[,] Rows(Tensor matrix)
    {
        var flat = matrix.contiguous().data<double>().ToArray();
        var rows = new double[matrix.shape[0], matrix.shape[1]];
        Buffer.BlockCopy(flat, 0, rows, 0, flat.Length * sizeof(double));
        return rows;
    }
}
