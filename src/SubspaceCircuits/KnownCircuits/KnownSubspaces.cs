using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>
/// The true partition of every site of a known model: a subspace for every variable that is there, one for all the rest. What a circuit method is given when
/// only its circuits are to be judged. Owns its partitions and disposes them.
/// </summary>
public sealed class KnownSubspaces : IDisposable
{
    private readonly KnownModel _known;
    private readonly HashSet<KnownEdge> _edges;
    private readonly Dictionary<string, KnownVariable> _variables = [];

    /// <summary>Takes the subspaces from the truth.</summary>
    /// <remarks>
    /// Subspaces that are not orthogonal are replaced by those nearest to them that are. Mean and covariance are those of a unit Gaussian, so that
    /// scores come from weights only.
    /// </remarks>
    /// <exception cref="ArgumentException">The subspaces of a site do not fit beside each other.</exception>
    public KnownSubspaces(KnownModel known)
    {
        _known = known;
        _edges = [.. KnownEdge.Of(known)];
        Partitions = [.. Site.All(known.Weights.Config).Select(Partition)];
    }

    /// <summary>A partition for every site, in the order of the computation.</summary>
    public IReadOnlyList<Partition> Partitions { get; }

    /// <summary>The variable of a subspace, by its id in a circuit (<c>x0.mid/2</c>); null for the rest.</summary>
    public KnownVariable? VariableOf(string subspace) => _variables.GetValueOrDefault(subspace);

    /// <summary>The true circuit: candidates with those kept that the outputs depend on through the weights.</summary>
    /// <param name="candidates">All edges of the model with these partitions.</param>
    public Circuit Truth(Circuit candidates)
    {
        var named = Named(candidates);
        return CircuitSelection.WithoutDangling(candidates.Keep(edge => edge.Kind is EdgeKind.Passthrough
        ? VariableOf(edge.From!) is { } carried && carried == VariableOf(edge.To!)
        : _edges.Contains(named.Named(edge))));
    }

    /// <summary>A circuit of this model by the names of variables.</summary>
    /// <param name="circuit">Its candidates.</param>
    /// <param name="score">How strongly an edge is predicted; null for whether it is kept.</param>
    public NamedCircuit Named(Circuit circuit, Func<CircuitEdge, double>? score = null) => new(circuit, NameOf, score ?? (edge => edge.IsKept ? 1 : 0));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var partition in Partitions)
            partition.Dispose();
    }

    private Partition Partition(Site site)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var d = _known.Weights.Config.DModel;
        var variables = _known.At(site).ToArray();
        Tensor[] bases = [.. variables.Select(variable => variable.Basis())];
        List<int> sizes = [.. bases.Select(basis => (int)basis.shape[1])];
        var rest = d - sizes.Sum();
        if (rest < 0)
            throw new ArgumentException($"The variables at {site} have {sizes.Sum()} dimensions together, but the model has {d}: no orthogonal partition holds them apart.");
        var (u, _, vt) = linalg.svd(cat(bases, dim: 1), fullMatrices: true);
        var known = u.narrow(1, 0, sizes.Sum()).matmul(vt);                    // the nearest orthonormal columns
        if (rest > 0)
            sizes.Add(rest);
        for (var unit = 0; unit < variables.Length; unit++)
            _variables[$"{site}/{unit}"] = variables[unit];
        return new Partition(site, cat([known, u.narrow(1, sizes.Take(variables.Length).Sum(), rest)], dim: 1).contiguous(), sizes, zeros(d, dtype: float64), eye(d, dtype: float64));
    }

    private string NameOf(string id) => VariableOf(id)?.Id ?? id;
}
