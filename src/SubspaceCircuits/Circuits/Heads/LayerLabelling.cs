using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Heads;

/// <summary>Measures the heads of one layer. Its tensors belong to the caller's dispose scope.</summary>
internal sealed class LayerLabelling
{
    private const double KnownShare = 1e-3; // of the variance of a subspace
    private const double UnknownDeviations = 2; // by which a fixed position has to be ahead of what is not known

    /// <summary>Rows of the stream, and as attention sees them. [row, d_model]</summary>
    private sealed record Content(int Offset, Tensor Rows, Tensor Seen);

    private readonly PartitionedModel _model;
    private readonly HeadLabelSettings _settings;
    private readonly int _layer;
    private readonly ReadMap _map;
    private readonly AttentionWeights _attention;
    private readonly Partition _read, _write;
    private readonly Content _positions;
    private readonly Content[] _tokens;
    private readonly Tensor _unembedding; // of the tokens that have a logit, less its mean over them [d_model, token]
    private readonly long[] _withLogit;
    private readonly bool[] _isKnown; // of every subspace whether it holds anything that is known here

    public LayerLabelling(PartitionedModel model, HeadContents contents, HeadLabelSettings settings, int layer, ReadMap map)
    {
        (_model, _settings, _layer, _map, _attention) = (model, settings, layer, map, model.Weights.Blocks[layer].Attention);
        (_read, _write) = model.AroundAttention(layer);
        Content Seen(int offset, Tensor rows) => new(offset, rows, HeadContents.Seen(rows, map, model.Weights.Blocks[layer].Ln1, model.Weights.Config.Epsilon));
        _positions = Seen(0, contents.Positions(layer));
        _tokens = [.. from offset in contents.Offsets let rows = contents.Tokens(layer, offset) where rows is not null select Seen(offset, rows)];
        _isKnown = Known();

        int Logit(int at) => settings.Logits?[at] ?? settings.Tokens[at];
        _withLogit = [.. Enumerable.Range(0, settings.Tokens.Count).Where(at => Logit(at) >= 0 && Logit(at) < model.Weights.Config.DVocabOut).Select(at => (long)at)];
        using var final = new ReadMap(model.Weights.LnFinal, model.Weights.Config.Epsilon, model.Last);
        var columns = final.Matrix.matmul(model.Weights.WU.to(float64).index_select(1, tensor([.. _withLogit.Select(at => (long)Logit((int)at))], dtype: int64)));
        _unembedding = columns - columns.mean([1], keepdim: true);
    }

    public HeadLabels Label(int head)
    {
        using var scope = NewDisposeScope();
        return new HeadLabels(Circuit.HeadId(_layer, head), [.. Positions(head), .. Matches(head), .. _withLogit.Length > 1 ? _tokens.SelectMany(tokens => Values(head, tokens)) : []]);
    }

    private IEnumerable<HeadLabel> Positions(int head)
    {
        var scores = Scores(head, _positions.Seen.narrow(0, 1, _positions.Seen.shape[0] - 1), _positions.Seen); // the first query is position 1
        var (from, to, share) = QkBlock(head, _positions, _positions);
        HeadLabel Measure(HeadLabelKind kind, Func<Tensor, PositionShares> shares)
        {
            var found = shares(Masked(scores));
            var (mean, deviation) = OfRandomOrders(scores, order => shares(order).Share);
            return new HeadLabel(kind, 0, found.Key, found.Share, found.Lead, mean, deviation, from, to, share, null, false);
        }

        yield return Judged(Measure(HeadLabelKind.Offset, PositionShares.Offset));

        var one = Measure(HeadLabelKind.FixedPosition, PositionShares.Position);
        var (undisturbed, lead) = Undisturbed(head, one.KeyOffset);
        var label = one with { Share = Math.Min(one.Share, undisturbed), Lead = Math.Min(one.Lead, lead) };
        yield return Judged(label, isAllowed: label.Lead >= UnknownDeviations * Unknown(head));
    }

    /// <summary>
    /// How a position fares where queries know a token and keys know a token and a position, whichever suit them best: the least, over the offsets of the query's token, of
    /// the share of tokens for which it is ahead of all keys, and of its mean lead. Scores of what is known of a key add up.
    /// </summary>
    private (double Share, double Lead) Undisturbed(int head, int position)
    {
        var mean = _positions.Seen.narrow(0, 1, _positions.Seen.shape[0] - 1).mean([0], keepdim: true);
        var others = _positions.Seen.index_select(0, tensor([.. Enumerable.Range(0, (int)_positions.Seen.shape[0]).Where(key => key != position).Select(key => (long)key)], dtype: int64));
        var leads = _tokens.Select(queries =>
        {
            var known = stack([.. _tokens.Select(keys => Scores(head, queries.Seen, keys.Seen) - Scores(head, queries.Seen, mean))], dim: 0); // what a token adds to a key [offset, query, key]
            var (best, worst) = (known.max(-1).values.clamp_min(0).sum(dim: 0), known.min(-1).values.clamp_max(0).sum(dim: 0));
            return Scores(head, queries.Seen, _positions.Seen.narrow(0, position, 1)).squeeze(1) + (position == 0 && _settings.Bos is not null ? zeros_like(worst) : worst)
                - Scores(head, queries.Seen, others).max(1).values - best;                                                           // [query]
        }).ToArray();
        return (leads.Min(lead => lead.gt(0).to(float64).mean().item<double>()), leads.Min(lead => lead.mean().item<double>()));
    }

    /// <summary>
    /// Standard deviation of the score due to pairs of subspaces of which one holds next to nothing that is known here: what heads and MLPs between put there.
    /// </summary>
    private double Unknown(int head)
    {
        var blocks = QkBlocks.Of(_read, _map, _attention, head);
        double sum = 0;
        for (var key = 0; key < _read.Count; key++)
        {
            sum += _isKnown[key] ? 0 : blocks.ConstantVariance[key];
            for (var query = 0; query < _read.Count; query++)
                sum += _isKnown[key] && _isKnown[query] ? 0 : blocks.Variance[query, key];
        }

        return Math.Sqrt(sum);
    }

    private bool[] Known()
    {
        var variances = _read.Variances();
        Tensor Coordinates(Content content) => (content.Rows - content.Rows.mean([0], keepdim: true)).matmul(_read.R.to(float64)).T; // [d_model, row]
        double[][] known = [.. _tokens.Append(_positions).Select(content => (double[])[.. Parts(Coordinates(content), _read).Select(part => part.square().sum().item<double>() / content.Rows.shape[0])])];
        return [.. Enumerable.Range(0, _read.Count).Select(unit => known.Sum(one => one[unit]) >= KnownShare * variances[unit])];
    }

    private IEnumerable<HeadLabel> Matches(int head)
    {
        foreach (var queries in _tokens)
        {
            foreach (var keys in _tokens)
            {
                var found = DiagonalShare.Of(Scores(head, queries.Seen, keys.Seen));
                var (from, to, share) = QkBlock(head, queries, keys);
                yield return Judged(new HeadLabel(HeadLabelKind.Match, queries.Offset, keys.Offset, found.Share, found.Lead, found.Null, found.NullDeviation, from, to, share, null, false));
            }
        }
    }

    private IEnumerable<HeadLabel> Values(int head, Content content)
    {
        var tokens = content with { Rows = content.Rows.index_select(0, tensor(_withLogit)), Seen = content.Seen.index_select(0, tensor(_withLogit)) };
        var values = (tokens.Seen - tokens.Seen.mean([0], keepdim: true)).matmul(_attention.WV[head].to(float64));   // [token, d_head]
        var logits = _attention.WO[head].to(float64).matmul(_unembedding);                                          // [d_head, token]
        var between = logits.matmul(values);                                                                        // has the eigenvalues of values · logits, but for zeros
        var sizes = linalg.eigvals(between).abs().sum().item<double>();
        var r = _write.R.to(float64);
        var writes = Parts(_attention.WO[head].to(float64).matmul(r).T, _write).Zip(Parts(r.T.matmul(_unembedding), _write), (w, u) => w.T.matmul(u));
        var (from, to, share) = Greatest(Grams(tokens, _attention.WV[head]), stack([.. writes.Select(part => part.matmul(part.T))], dim: 0), _write);
        foreach (var (kind, sign) in new[] { (HeadLabelKind.Copying, 1), (HeadLabelKind.Inhibition, -1) })
        {
            var found = DiagonalShare.Of(values.matmul(logits) * sign);
            yield return Judged(new HeadLabel(kind, 0, tokens.Offset, found.Share, found.Lead, found.Null, found.NullDeviation, from, to, share,
                sizes > 0 ? between.trace().item<double>() / sizes : 0, false));
        }
    }

    private HeadLabel Judged(HeadLabel label, bool isAllowed = true) => label with
    {
        IsLabel = isAllowed && label.Share >= _settings.Share && label.Share > label.Null && label.Share - label.Null >= _settings.Deviations * label.NullDeviation
            && label.Lead >= (label.Kind is HeadLabelKind.Copying or HeadLabelKind.Inhibition ? 0 : _settings.Lead),
    };

    /// <summary>Scores of queries for keys, all biases included.</summary>
    /// <returns>[query, key]</returns>
    private Tensor Scores(int head, Tensor queries, Tensor keys)
    {
        var q = queries.matmul(_attention.WQ[head].to(float64)) + _attention.BQ[head].to(float64);
        var k = keys.matmul(_attention.WK[head].to(float64)) + _attention.BK[head].to(float64);
        return q.matmul(k.T) / Math.Sqrt(_attention.WQ.shape[2]);
    }

    /// <summary>−∞ where a key lies ahead of its query, in a causal model.</summary>
    private Tensor Masked(Tensor scores) => _model.Weights.Config.IsCausal
        ? scores.masked_fill(ones(scores.shape, dtype: float32).triu(2).to(ScalarType.Bool), double.NegativeInfinity) : scores;

    /// <summary>Mean and deviation of a share where the keys of every query are in a random order.</summary>
    private (double Mean, double Deviation) OfRandomOrders(Tensor scores, Func<Tensor, double> share)
    {
        using var generator = new Generator((ulong)_settings.Seed);
        double[] shares = [.. Enumerable.Range(0, _settings.Permutations).Select(_ =>
        {
            using var step = NewDisposeScope();
            return share(Masked(scores.gather(1, rand(scores.shape, generator: generator).argsort(1))));
        })];
        var mean = shares.Average();
        return (mean, Math.Sqrt(shares.Sum(value => (value - mean) * (value - mean)) / (shares.Length - 1)));
    }

    /// <summary>The pair of subspaces that carries most of the scores between two contents, both less their means.</summary>
    private (string From, string To, double Share) QkBlock(int head, Content queries, Content keys) =>
        Greatest(Grams(queries, _attention.WQ[head]), Grams(keys, _attention.WK[head]), _read);

    /// <summary>Of every read subspace the Gram matrix of what it puts of a content into the head.</summary>
    /// <returns>[unit, d_head, d_head]</returns>
    private Tensor Grams(Content content, Tensor w)
    {
        var coordinates = (content.Rows - content.Rows.mean([0], keepdim: true)).matmul(_read.R.to(float64)).T;    // [d_model, row]
        var parts = Parts(coordinates, _read).Zip(Parts(_map.Rotated(_read, w), _read), (x, y) => x.T.matmul(y)); // [row, d_head]
        return stack([.. parts.Select(part => part.T.matmul(part))], dim: 0);
    }

    private static Tensor[] Parts(Tensor rows, Partition site) => rows.split([.. site.Sizes.Select(size => (long)size)], dim: 0);

    private (string From, string To, double Share) Greatest(Tensor left, Tensor right, Partition to)
    {
        var energies = Blocks.InnerProducts(left, right);
        var (i, j) = (from a in Enumerable.Range(0, energies.GetLength(0)) from b in Enumerable.Range(0, energies.GetLength(1)) select (a, b)).MaxBy(at => energies[at.a, at.b]);
        var all = energies.Cast<double>().Sum();
        return (Circuit.Id(_read.Site!.Value, i), Circuit.Id(to.Site!.Value, j), all > 0 ? energies[i, j] / all : 0);
    }
}
