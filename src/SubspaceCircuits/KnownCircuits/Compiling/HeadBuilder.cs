using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Compiling;

/// <summary>
/// A head that selects: scores β where the selector holds, 0 where it does not, and between them for BOS, which is attended to when nothing else is selected.
/// A condition that does not depend on the key (on the query) is not read from keys (queries).
/// </summary>
internal sealed class HeadBuilder
{
    private const double BosSelfGain = 3; // BOS as a query sees BOS four times as strongly as others do, so that its row stays as it is.

    private readonly Layout _layout;
    private readonly double _beta;
    private readonly bool _leastRank;
    private readonly Rows _wQ, _wK, _wV, _wO; // a row for each channel
    private readonly List<double> _bQ = [], _bK = [];
    private readonly List<QkPair> _pairs = [];
    private readonly List<Move> _moves = [];

    /// <summary>Starts a head.</summary>
    /// <param name="layout">Residual stream.</param>
    /// <param name="selector">What it selects.</param>
    /// <param name="bosScore">Score of BOS as a key.</param>
    /// <param name="options">β and the kind of factorisation.</param>
    public HeadBuilder(Layout layout, Selector selector, double bosScore, CompilerOptions options)
    {
        (_layout, _beta, _leastRank) = (layout, options.Beta, options.UsesLeastRank);
        (_wQ, _wK, _wV, _wO) = (new(layout.DModel), new(layout.DModel), new(layout.DModel), new(layout.DModel));
        var bos = layout.Bos;
        Channel([(bos.First, BosSelfGain)], 1, [(bos.First, bosScore), .. layout.Pad is { } pad ? [(pad.First, -2 * _beta)] : Array.Empty<(int, double)>()], 0);
        foreach (var key in layout.Pad is null ? (ResidualBlock[])[bos] : [bos, layout.Pad])
            _pairs.AddRange([new QkPair(null, key.Id), new QkPair(bos.Id, key.Id)]);
        Select(selector, bosScore);
    }

    /// <summary>Moves a block of the residual stream into another of the same size.</summary>
    public void Move(ResidualBlock from, ResidualBlock to)
    {
        for (var channel = 0; channel < to.Size; channel++)
        {
            _wV.Add([(from.First + channel, 1)]);
            _wO.Add([(to.First + channel, 1)]);
        }

        _moves.Add(new Move(from.Id, to.Id));
    }

    public HeadPart Build() => new(_wQ.Tensor().T, tensor(_bQ.ToArray(), dtype: float64), _wK.Tensor().T, tensor(_bK.ToArray(), dtype: float64), _wV.Tensor().T, _wO.Tensor(), new HeadRole([.. _pairs.Distinct()], _moves));

    private void Channel(IEnumerable<(int, double)> query, double queryBias, IEnumerable<(int, double)> key, double keyBias)
    {
        _wQ.Add(query);
        _bQ.Add(queryBias);
        _wK.Add(key);
        _bK.Add(keyBias);
    }

    private void Select(Selector selector, double bosScore)
    {
        var (queries, keys) = (_layout[selector.Queries], _layout[selector.Keys]);
        var (querySet, keySet) = (_layout.Sets[selector.Queries], _layout.Sets[selector.Keys]);
        double[][] table = [.. querySet.Values.Select(query => (double[])[.. keySet.Values.Select(key => selector.Predicate(key, query) ? 1.0 : 0.0)])]; // [query][key]
        double[] Column(int key) => [.. table.Select(row => row[key])];
        var readsQuery = querySet.IsNullable || table.Any(row => !row.SequenceEqual(table[0]));
        var readsKey = keySet.IsNullable || Enumerable.Range(1, keySet.Values.Count - 1).Any(key => !Column(key).SequenceEqual(Column(0)));
        var (bos, any) = (_layout.Bos.First, table[0][0] > 0);
        if (readsQuery && readsKey)
        {
            foreach (var (query, key) in Factors(table))
                Channel(Block(queries, query, _beta), 0, Block(keys, key, 1), 0);
            if (table.Any(row => row.Contains(1)))
                _pairs.Add(new QkPair(queries.Id, keys.Id));
        }
        else if (readsKey)
        {
            Channel([], 1, Block(keys, table[0], _beta), 0);
            if (table[0].Contains(1))
                _pairs.Add(new QkPair(null, keys.Id));
        }
        else if (readsQuery)
        {
            Channel(Block(queries, Column(0), _beta), 0, [(bos, -1)], 1);
            if (Column(0).Contains(1))
                _pairs.Add(new QkPair(queries.Id, _layout.Bos.Id));
        }
        else if (any)
        {
            Channel([], 1, [(bos, -_beta)], _beta);
            if (bosScore == _beta) // BOS scores as every key does
                _pairs.Remove(new QkPair(null, _layout.Bos.Id));
        }
    }

    private static IEnumerable<(int, double)> Block(ResidualBlock block, double[] values, double scale) =>
        values.Select((value, index) => (block.First + index, scale * value)).Where(entry => entry.Item2 != 0);

    /// <summary>Pairs of a query and a key vector whose products add up to the table, one for each class of equal rows or of equal columns, whichever are fewer.</summary>
    private IReadOnlyList<(double[] Query, double[] Key)> Factors(double[][] table)
    {
        if (_leastRank)
            return SingularFactors(table);
        double[][] columns = [.. Enumerable.Range(0, table[0].Length).Select(key => (double[])[.. table.Select(row => row[key])])];
        var (rowClasses, columnClasses) = (Classes(table), Classes(columns));
        return rowClasses.Count <= columnClasses.Count ? [.. rowClasses.Select(found => (found.Members, found.Pattern))] : [.. columnClasses.Select(found => (found.Pattern, found.Members))];
    }

    private static IReadOnlyList<(double[] Members, double[] Pattern)> Classes(double[][] rows) =>
        [.. rows.Where(row => row.Any(value => value != 0)).DistinctBy(row => string.Join(' ', row)).Select(pattern => ((double[])[.. rows.Select(row => row.SequenceEqual(pattern) ? 1.0 : 0.0)], pattern))];

    private static IReadOnlyList<(double[] Query, double[] Key)> SingularFactors(double[][] table)
    {
        using var scope = NewDisposeScope();
        var (u, singular, vh) = linalg.svd(tensor(table.SelectMany(row => row).ToArray(), [table.Length, table[0].Length], dtype: float64), fullMatrices: false);
        var rank = (int)singular.gt(singular[0] * 1e-9).sum().item<long>();
        var root = singular.sqrt();
        return [.. Enumerable.Range(0, rank).Select(at => ((u.select(1, at) * root[at]).data<double>().ToArray(), (vh[at] * root[at]).data<double>().ToArray()))];
    }
}
