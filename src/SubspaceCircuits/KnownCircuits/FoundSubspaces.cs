using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Scores;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>How well the partition of a site recovers the variables that vary there.</summary>
/// <param name="Site">The site.</param>
/// <param name="Variables">Against every variable by itself.</param>
/// <param name="Groups">Against variables that no partition can tell apart as one.</param>
public sealed record SiteRecovery(Site Site, SubspaceRecoveryScores Variables, SubspaceRecoveryScores Groups);

/// <summary>
/// Partitions that were found, beside the variables of a known model: each subspace has the name of the variable it is matched with (Hungarian assignment of the
/// greatest overlap, site by site), or its own id where there is none.
/// </summary>
public sealed class FoundSubspaces
{
    private readonly Dictionary<string, string> _names = [];

    /// <summary>Matches partitions with variables. Directions in which a variable never varies are not asked for; nor is BOS, which partitions do not see.</summary>
    /// <param name="known">The model.</param>
    /// <param name="partitions">A partition for each site.</param>
    /// <param name="activeBasis">Directions in which a variable varies; null when it does not. [d_model, dims]</param>
    /// <param name="groups">Identifiability groups of a site.</param>
    /// <param name="seed">Seed of the random rotations of the chance level.</param>
    public FoundSubspaces(KnownModel known, IReadOnlyList<Partition> partitions, Func<KnownVariable, Tensor?> activeBasis, Func<Site, IReadOnlyList<IReadOnlyList<string>>> groups, int seed = 0)
    {
        using var scope = NewDisposeScope();
        Sites = [.. partitions.Select(partition => Match(partition))];

        SiteRecovery Match(Partition partition)
        {
            var site = partition.Site!.Value;
            TrueSubspace[] truth = [.. known.At(site).Where(variable => !variable.IsAuxiliary).Select(variable => (variable.Id, Basis: activeBasis(variable))).Where(pair => pair.Basis is not null)
                .Select(pair => new TrueSubspace(pair.Id, pair.Basis!))];
            var support = Support(partition.Covariance.to(float64), truth);
            var scores = SubspaceRecovery.Of(truth, partition, seed: seed, support: support);
            foreach (var subspace in scores.Subspaces.Where(subspace => subspace.Match is not null))
                _names[$"{site}/{subspace.Match!.Block}"] = subspace.Name;
            var present = truth.Select(subspace => subspace.Name).ToHashSet();
            IReadOnlyList<IReadOnlyList<string>> together = [.. groups(site).Select(group => (IReadOnlyList<string>)[.. group.Where(present.Contains)]).Where(group => group.Count > 0)];
            return new SiteRecovery(site, scores, SubspaceRecovery.Of(TrueSubspace.Merge(truth, together), partition, seed: seed, support: support));
        }
    }

    /// <summary>Directions in which activations vary, and those of the variables, which may be rarer than the sample shows.</summary>
    private static Tensor Support(Tensor covariance, IReadOnlyList<TrueSubspace> truth)
    {
        const double Noise = 1e-6; // of the greatest variance: what half precision leaves
        var (variances, directions) = linalg.eigh(covariance);
        var varying = directions.index_select(1, variances.gt(variances[-1] * Noise).nonzero().squeeze(1));
        var (u, singular, _) = linalg.svd(cat([varying, .. truth.Select(subspace => subspace.Basis)], dim: 1), fullMatrices: false);
        return u.narrow(1, 0, singular.gt(1e-3).sum().item<long>());
    }

    /// <summary>Every site.</summary>
    public IReadOnlyList<SiteRecovery> Sites { get; }

    /// <summary>A circuit of these partitions by the names of variables; edges are as strong as their share of the arriving variance.</summary>
    public NamedCircuit Named(Circuit circuit) => new(circuit, id => _names.GetValueOrDefault(id) ?? (id.Contains('/', StringComparison.Ordinal) ? $"unmatched {id}" : id), edge => edge.Scores.VarianceShare);
}
