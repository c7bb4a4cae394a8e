namespace SubspaceCircuits.Circuits;

/// <summary>What a node of a circuit is.</summary>
public enum NodeKind
{
    /// <summary>The token embedding.</summary>
    Embed,

    /// <summary>The position embedding.</summary>
    Pos,

    /// <summary>A subspace at a site.</summary>
    Subspace,

    /// <summary>An attention head.</summary>
    Head,

    /// <summary>An MLP.</summary>
    Mlp,

    /// <summary>Means and biases: what does not depend on the input.</summary>
    Const,

    /// <summary>The logits.</summary>
    Logits,
}

/// <summary>What an edge of a circuit is.</summary>
public enum EdgeKind
{
    /// <summary>From the token embedding to a subspace of the first site.</summary>
    Embed,

    /// <summary>From the position embedding to a subspace of the first site.</summary>
    Pos,

    /// <summary>A query and a key subspace that a head compares.</summary>
    Qk,

    /// <summary>From a subspace through a head's values to a subspace of the next site.</summary>
    Ov,

    /// <summary>From a subspace through an MLP to a subspace of the next site.</summary>
    Mlp,

    /// <summary>From a subspace to a subspace of the next site, by the residual stream itself.</summary>
    Passthrough,

    /// <summary>From a subspace of the last site to the logits.</summary>
    Unembed,
}

/// <summary>A node.</summary>
/// <param name="Id"><c>x0.mid/2</c>, <c>a0.1</c>, <c>m0</c>, <c>embed</c>, <c>pos</c>, <c>const</c> or <c>logits</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Site">Site of a subspace, else null.</param>
/// <param name="Size">Dimensions of a subspace, else null.</param>
public sealed record CircuitNode(string Id, NodeKind Kind, string? Site = null, int? Size = null);

/// <summary>How strong an edge is.</summary>
/// <param name="Energy">Squared Frobenius norm of its block, of an MLP that of the ways through its neurons: weights only.</param>
/// <param name="EnergyShare">Its part of the energy of the whole map: of the head's QK or OV, the MLP, the passthrough, the embedding.</param>
/// <param name="Variance">What it carries for typical activations: variance of the logit for QK, else of the target.</param>
/// <param name="VarianceShare">Its part of all variance that arrives: at a head's score for QK, else at its target.</param>
/// <param name="Nats">Effectiveness, nats per scored position: to second order the divergence without it; null where not measured.</param>
/// <param name="Effect">KL(whole model ‖ model without it), nats per scored position; null where not measured.</param>
public sealed record EdgeScores(double Energy, double EnergyShare, double Variance, double VarianceShare, double? Nats = null, double? Effect = null)
{
    /// <summary>How many standard deviations the energy lies above what random partitions of the same sizes give (<see cref="Nulls.EnergyNulls"/>); null where not asked for, and for a constant query, which has no energy.</summary>
    public double? Z { get; init; }

    /// <summary>Least false discovery rate at which the energy is found to exceed chance, among all edges of the circuit.</summary>
    public double? Q { get; init; }

    /// <summary>Robust z of the energy share among the heads of the layer, of which there are three or more.</summary>
    public double? HeadZ { get; init; }
}

/// <summary>An edge. QK edges have a query and a key, all others a from and a to.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Via">The head or MLP it goes through, else null.</param>
/// <param name="From">Id of the source; null for QK.</param>
/// <param name="To">Id of the target; null for QK.</param>
/// <param name="Query">Id of the query subspace, or <c>const</c>; null unless QK.</param>
/// <param name="Key">Id of the key subspace; null unless QK.</param>
/// <param name="Scores">How strong it is.</param>
/// <param name="IsKept">Whether it belongs to the circuit; all candidates are listed.</param>
public sealed record CircuitEdge(EdgeKind Kind, string? Via, string? From, string? To, string? Query, string? Key, EdgeScores Scores, bool IsKept = true)
{
    /// <summary>What it is and between what: the same edge in another circuit of the same subspaces has the same place.</summary>
    public (EdgeKind Kind, string? Via, string From, string To) Place => (Kind, Via, From ?? Query!, To ?? Key!);

    /// <summary>Score A: the share of the energy; of a constant query, which has no energy, its share of the score's variance.</summary>
    public double EnergyScore => Query == "const" ? Scores.VarianceShare : Scores.EnergyShare;

    /// <summary>What the edge ends in: the head whose score it is part of, or its target.</summary>
    public string Target => Kind is EdgeKind.Qk ? Via! : To!;
}

/// <summary>Subspaces, heads and MLPs of a model, and every edge that could be among them, with scores and a choice of those kept.</summary>
/// <param name="Nodes">In the order of the computation.</param>
/// <param name="Edges">All candidates, in the order of the computation.</param>
public sealed record Circuit(IReadOnlyList<CircuitNode> Nodes, IReadOnlyList<CircuitEdge> Edges)
{
    /// <summary>The edges that belong to the circuit.</summary>
    public IEnumerable<CircuitEdge> Kept => Edges.Where(edge => edge.IsKept);

    /// <summary>The same candidates with another choice of those kept.</summary>
    public Circuit Keep(Func<CircuitEdge, bool> isKept) => this with { Edges = [.. Edges.Select(edge => edge with { IsKept = isKept(edge) })] };

    /// <summary>Id of a subspace.</summary>
    internal static string Id(Models.Site site, int subspace) => $"{site}/{subspace}";

    /// <summary>Id of a head.</summary>
    public static string HeadId(int layer, int head) => $"a{layer}.{head}";

    /// <summary>Id of an MLP.</summary>
    public static string MlpId(int layer) => $"m{layer}";
}
