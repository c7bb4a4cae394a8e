namespace SubspaceCircuits.Attention;

/// <summary>Every score of every head, summed over patterns that come batch by batch.</summary>
internal sealed class ScoreMeans(int layers, int heads)
{
    private readonly double[,,] _sums = new double[layers, heads, HeadScore.All.Count];
    private readonly long[] _queries = new long[HeadScore.All.Count];

    /// <summary>Adds the patterns of some sequences.</summary>
    /// <param name="sequences">Tokens of each, without padding.</param>
    /// <param name="patterns">For every layer [batch, head, query, key], padded on the right.</param>
    public void Add(IReadOnlyList<int[]> sequences, IReadOnlyList<Tensor> patterns)
    {
        using var scope = NewDisposeScope();
        var device = patterns[0].device;
        Tensor[] entries = [.. HeadScore.All.Select((score, index) => tensor(Entries(score, index, sequences, patterns[0].shape[^1]), device: device))];
        for (var layer = 0; layer < patterns.Count; layer++)
        {
            var flat = patterns[layer].transpose(0, 1).flatten(1);                                             // [head, batch · query · key]
            for (var score = 0; score < entries.Length; score++)
            {
                var sums = flat.index_select(1, entries[score]).to(float64).sum(dim: 1).cpu();                 // [head]
                for (var head = 0; head < heads; head++)
                    _sums[layer, head, score] += sums[head].item<double>();
            }
        }
    }

    /// <summary>The scores of a head by name.</summary>
    public IReadOnlyDictionary<string, double> Of(int layer, int head) =>
        HeadScore.All.Select((score, index) => (score.Name, Mean: _sums[layer, head, index] / _queries[index])).ToDictionary(pair => pair.Name, pair => pair.Mean);

    /// <summary>The entries that a score adds up, as indices into [batch, query, key]; counts its queries.</summary>
    private long[] Entries(HeadScore score, int index, IReadOnlyList<int[]> sequences, long width)
    {
        List<long> entries = [];
        for (var row = 0; row < sequences.Count; row++)
        {
            for (var query = 1; query < sequences[row].Length; query++)
            {
                var before = entries.Count;
                entries.AddRange(score.Keys(sequences[row], query).Select(key => (row * width + query) * width + key));
                _queries[index] += entries.Count > before ? 1 : 0;
            }
        }

        return [.. entries];
    }
}
