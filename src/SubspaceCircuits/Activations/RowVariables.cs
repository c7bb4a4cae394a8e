using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Activations;

/// <summary>What is known about each collected activation, gathered beside the activations themselves.</summary>
internal sealed class RowVariables
{
    private readonly List<long> _tokens = [], _previous = [], _positions = [], _predicted = [];

    public int Count => _tokens.Count;

    /// <summary>Notes the rows of a batch that count: not padding, not before the first position, and within the mask where there is one.</summary>
    /// <param name="samples">Rows of the batch.</param>
    /// <param name="predicted">Greatest logit at every position. [batch, pos]</param>
    /// <param name="settings">First position and mask.</param>
    /// <param name="most">At most this many rows.</param>
    /// <returns>Indices of the rows in the flattened batch. [row], int64</returns>
    public Tensor Add(IReadOnlyList<TaskSample> samples, Tensor predicted, CollectionSettings settings, int most)
    {
        var width = (int)predicted.shape[1];
        var ids = predicted.contiguous().data<long>().ToArray();
        List<long> kept = [];
        for (var row = 0; row < samples.Count; row++)
        {
            var tokens = samples[row].Tokens;
            for (var position = settings.FirstPosition; position < tokens.Length && kept.Count < most; position++)
            {
                var isSupervised = samples[row].Targets[position] != TaskSample.Unsupervised;
                if (settings.IsSupervisedOnly && !isSupervised)
                    continue;
                kept.Add((long)row * width + position);
                _tokens.Add(tokens[position]);
                _previous.Add(position > 0 ? tokens[position - 1] : -1);
                _positions.Add(position);
                _predicted.Add(isSupervised ? ids[row * width + position] : -1);
            }
        }

        return tensor(kept.ToArray());
    }

    public Dictionary<string, long[]> ToDictionary() => new()
    {
        ["token"] = [.. _tokens],
        ["previous_token"] = [.. _previous],
        ["position"] = [.. _positions],
        ["prediction"] = [.. _predicted],
    };
}
