namespace SubspaceCircuits.Scores;

/// <summary>A subspace that is known to hold a variable. The tensors stay the caller's.</summary>
/// <param name="Name">Name of the variable; no two are the same.</param>
/// <param name="Basis">Columns that span it; they need be neither orthogonal nor independent. [d_model, n]</param>
/// <param name="Covariance">Σ_i, covariance of the part of the activation that lies in it, or null: then nothing is weighted by variance. [d_model, d_model]</param>
public sealed record TrueSubspace(string Name, Tensor Basis, Tensor? Covariance = null)
{
    /// <summary>
    /// Joins subspaces by groups, as for variables that the activations do not tell apart. A group spans the union and stands where its first member
    /// stood, under the names joined by <c>+</c>; what is in no group stays as it is.
    /// </summary>
    /// <remarks>
    /// The covariance of a group is the sum of its members', if all have one: covariances between members are not known and count as none.
    /// </remarks>
    /// <param name="subspaces">Subspaces of one site.</param>
    /// <param name="groups">Names of the members of each group.</param>
    /// <exception cref="ArgumentException">A name is unknown or in two groups.</exception>
    public static IReadOnlyList<TrueSubspace> Merge(IReadOnlyList<TrueSubspace> subspaces, IReadOnlyList<IReadOnlyList<string>> groups)
    {
        var groupOf = new Dictionary<string, string>();
        foreach (var group in groups)
        {
            foreach (var name in group)
            {
                if (subspaces.All(subspace => subspace.Name != name))
                    throw new ArgumentException($"A group names the subspace '{name}', but there are: {string.Join(", ", subspaces.Select(subspace => subspace.Name))}.");
                if (!groupOf.TryAdd(name, string.Join('+', group)))
                    throw new ArgumentException($"The subspace '{name}' stands twice in the groups. Name it once.");
            }
        }

        return [.. subspaces.GroupBy(subspace => groupOf.GetValueOrDefault(subspace.Name, subspace.Name)).Select(group => Union(group.Key, [.. group]))];
    }

    private static TrueSubspace Union(string name, IReadOnlyList<TrueSubspace> members)
    {
        if (members.Count == 1)
            return members[0];
        using var scope = NewDisposeScope();
        // Each basis counts alike, whatever the length of its columns.
        var basis = cat([.. members.Select(member => ColumnSpan.Of(member.Basis, $"'{member.Name}'"))], dim: 1); // [d_model, n]
        var covariance = members.All(member => member.Covariance is not null)
            ? members.Select(member => member.Covariance!).Aggregate((sum, next) => sum + next).MoveToOuterDisposeScope()
            : null;
        return new TrueSubspace(name, basis.MoveToOuterDisposeScope(), covariance);
    }
}
