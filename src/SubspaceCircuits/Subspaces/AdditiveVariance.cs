namespace SubspaceCircuits.Subspaces;

/// <summary>
/// Activations as a sum of what each known variable contributes and a rest, <c>h = μ + Σ_v f_v(value of v) + rest</c>, fitted by backfitting (Friedman and
/// Stuetzle 1981; an analysis of variance without interactions). Variables that depend on each other share what they explain together. Owns its tensors and
/// disposes them.
/// </summary>
public sealed class AdditiveVariance : IDisposable
{
    private const double LeastShare = 1e-9; // rounding

    private readonly Dictionary<string, Tensor> _covariances = [];

    /// <summary>Fits the decomposition.</summary>
    /// <param name="activations">[row, d_model], in storage type.</param>
    /// <param name="variables">Of each variable the value in every row; −1, none, is a value too.</param>
    /// <param name="rounds">Passes over the variables, at least 1.</param>
    public AdditiveVariance(Tensor activations, IReadOnlyDictionary<string, long[]> variables, int rounds = 10)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = activations.to(float32);
        rows = rows - rows.mean([0]);
        var groups = variables.ToDictionary(pair => pair.Key, pair => Groups(pair.Value));
        var parts = variables.Keys.ToDictionary(name => name, _ => zeros_like(rows));
        var rest = rows.clone();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, (ids, counts)) in groups)
            {
                using var step = NewDisposeScope();
                rest.add_(parts[name]);
                var means = zeros(counts.shape[0], rows.shape[1]).index_add_(0, ids, rest, 1) / counts.unsqueeze(1);
                var part = means.index_select(0, ids);
                parts[name].copy_(part - part.mean([0]));
                rest.sub_(parts[name]);
            }
        }

        Tensor Covariance(Tensor part) => part.T.matmul(part).to(float64) / Math.Max(1, rows.shape[0] - 1);
        var total = Covariance(rows).trace().item<double>();
        foreach (var (name, part) in parts)
            _covariances[name] = Covariance(part).DetachFromDisposeScope();
        Shares = _covariances.ToDictionary(pair => pair.Key, pair => pair.Value.trace().item<double>() / total);
        RestShare = Covariance(rest).trace().item<double>() / total;
    }

    /// <summary>Share of all variance that each variable contributes.</summary>
    public IReadOnlyDictionary<string, double> Shares { get; }

    /// <summary>Share of all variance that no variable alone explains.</summary>
    public double RestShare { get; }

    /// <summary>Which share of what a variable contributes lies in a subspace; 0 when it contributes nothing.</summary>
    /// <param name="variable">Name of the variable.</param>
    /// <param name="basis">Orthonormal columns. [d_model, size]</param>
    public double Captured(string variable, Tensor basis)
    {
        using var scope = NewDisposeScope();
        var (covariance, b) = (_covariances[variable], basis.to(float64));
        var all = covariance.trace().item<double>();
        return Shares[variable] > LeastShare ? b.T.matmul(covariance).matmul(b).trace().item<double>() / all : 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var covariance in _covariances.Values)
            covariance.Dispose();
    }

    private static (Tensor Ids, Tensor Counts) Groups(long[] values)
    {
        Dictionary<long, long> ids = [];
        long[] own = [.. values.Select(value => ids.TryGetValue(value, out var id) ? id : ids[value] = ids.Count)];
        var counts = new float[ids.Count];
        foreach (var id in own)
            counts[id]++;
        return (tensor(own), tensor(counts));
    }
}
