using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>
/// The true partition of every site of a known model: a subspace for every variable that is there, one for those that are written later, one for the rest. What a circuit method is given when
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
        using var scope = NewDisposeScope();
        var bases = known.Variables.ToDictionary(variable => variable.Id, variable => variable.Basis());
        Partitions = [.. Site.All(known.Weights.Config).Select(site => Partition(site, variable => bases[variable.Id]))];
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

    private Partition Partition(Site site, Func<KnownVariable, Tensor> basis)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var d = _known.Weights.Config.DModel;
        // Variables that are written later have their place in every site: it is empty, and no part of the rest.
        KnownVariable[] present = [.. _known.At(site)], all = [.. present, .. _known.Variables.Except(present)];
        Tensor[] bases = [.. all.Select(basis)];
        int[] dims = [.. bases.Select(columns => (int)columns.shape[1])];
        var rest = d - dims.Sum();
        if (rest < 0)
            throw new ArgumentException($"The variables have {dims.Sum()} dimensions together, but the model has {d}: no orthogonal partition holds them apart.");
        var (u, _, vt) = linalg.svd(cat(bases, dim: 1), fullMatrices: true);
        var known = u.narrow(1, 0, dims.Sum()).matmul(vt);                     // the nearest orthonormal columns
        for (var unit = 0; unit < present.Length; unit++)
            _variables[$"{site}/{unit}"] = present[unit];
        int[] sizes = [.. dims.Take(present.Length), dims.Skip(present.Length).Sum(), rest];
        return new Partition(site, cat([known, u.narrow(1, dims.Sum(), rest)], dim: 1).contiguous(), [.. sizes.Where(size => size > 0)], zeros(d, dtype: float64), eye(d, dtype: float64));
    }

    private string NameOf(string id) => VariableOf(id)?.Id ?? id;
}
