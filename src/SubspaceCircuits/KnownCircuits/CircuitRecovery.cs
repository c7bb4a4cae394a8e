using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Scores;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>At what resolution circuits are compared.</summary>
public enum CircuitLevel
{
    /// <summary>Edges between subspaces: pairs that heads compare, moves of heads and MLPs, embeddings, logits.</summary>
    Subspace,

    /// <summary>Edges from components to the ports of components: queries, keys and values of a head, an MLP, the logits.</summary>
    Port,

    /// <summary>Edges between components, ports merged and both embeddings as one (InterpBench's edges).</summary>
    Component,

    /// <summary>Components.</summary>
    Node,
}

/// <summary>Scores of a circuit at one level.</summary>
/// <param name="Level">The level.</param>
/// <param name="WithAuxiliary">Whether edges of BOS and padding count.</param>
/// <param name="WithEmbedding">Whether edges of the embeddings count.</param>
/// <param name="Scores">The scores.</param>
public sealed record LevelScores(CircuitLevel Level, bool WithAuxiliary, bool WithEmbedding, EdgeRecoveryScores Scores);

/// <summary>A circuit with the names of variables in the place of its subspaces.</summary>
/// <param name="Circuit">Candidates and choice.</param>
/// <param name="Name">Name of a subspace id; itself where no variable is known.</param>
/// <param name="Score">How strongly an edge is predicted.</param>
public sealed record NamedCircuit(Circuit Circuit, Func<string, string> Name, Func<CircuitEdge, double> Score)
{
    /// <summary>An edge by names.</summary>
    public KnownEdge Named(CircuitEdge edge)
    {
        string? Of(string? id) => id is null ? null : Name(id);
        return new KnownEdge(edge.Kind, edge.Via, Of(edge.From), Of(edge.To), Of(edge.Query), Of(edge.Key));
    }
}

/// <summary>
/// Compares a circuit that was found with the true one. What the stream itself carries is not scored. Edges of heads that are redundant to each other count
/// once. Where subspaces were found too, each has the name of the variable that it was matched with.
/// </summary>
/// <param name="known">The model.</param>
/// <param name="truth">The true circuit among all candidates.</param>
/// <param name="found">The circuit that was found.</param>
/// <param name="composition">
/// Scores of edges between components, by source and reader; null for those of the strongest way through a subspace: what its source writes there times what its reader reads.
/// </param>
public sealed class CircuitRecovery(KnownModel known, NamedCircuit truth, NamedCircuit found, IReadOnlyDictionary<(string Source, string Reader), double>? composition = null)
{
    private readonly Dictionary<string, string> _groups = known.Heads.Where(head => head.Role.RedundancyGroup is not null)
        .ToDictionary(head => Circuit.HeadId(head.Layer, head.Head), head => head.Role.RedundancyGroup!);

    /// <summary>Scores at all levels, with and without auxiliary and embedding edges.</summary>
    public IReadOnlyList<LevelScores> All() =>
    [
        .. from level in Enum.GetValues<CircuitLevel>()
           from variant in Enumerable.Range(0, level is CircuitLevel.Node ? 2 : 4)
           select At(level, variant % 2 == 1, variant < 2),
    ];

    /// <summary>Scores at one level.</summary>
    /// <param name="level">The level.</param>
    /// <param name="withAuxiliary">Whether edges of BOS and padding count.</param>
    /// <param name="withEmbedding">Whether edges of the embeddings count.</param>
    public LevelScores At(CircuitLevel level, bool withAuxiliary = false, bool withEmbedding = true)
    {
        bool Counts(KnownEdge edge) => withAuxiliary || !edge.IsAuxiliaryIn(known);
        var (real, guess) = (Units(truth, level, Counts, known.Weights.Config, null), Units(found, level, Counts, known.Weights.Config, composition));
        return new LevelScores(level, withAuxiliary, withEmbedding, EdgeRecovery.Of([.. real.Keys.Union(guess.Keys).Where(unit => withEmbedding || !unit.IsEmbedding).Select(Candidate)]));

        Candidate Candidate(Unit unit)
        {
            var (isPredicted, score) = guess.GetValueOrDefault(unit);
            return new Candidate(unit.Id, real.GetValueOrDefault(unit).IsKept, score, isPredicted, unit.Via is { } via && _groups.TryGetValue(via, out var group) ? unit.Id.Replace(via, group, StringComparison.Ordinal) : null);
        }
    }

    /// <summary>A thing that is there or not: an edge or a node.</summary>
    private sealed record Unit(string Id, string? Via, bool IsEmbedding);

    private static Dictionary<Unit, (bool IsKept, double Score)> Units(NamedCircuit named, CircuitLevel level, Func<KnownEdge, bool> counts, ModelConfig config, IReadOnlyDictionary<(string Source, string Reader), double>? composition)
    {
        var edges = named.Circuit.Edges.Select(edge => (Edge: named.Named(edge), edge.IsKept, Score: named.Score(edge))).Where(entry => counts(entry.Edge)).ToArray();
        Dictionary<Unit, (bool IsKept, double Score)> units = [];
        void Add(Unit unit, bool isKept, double score) =>
            units[unit] = units.TryGetValue(unit, out var before) ? (before.IsKept || isKept, Math.Max(before.Score, score)) : (isKept, score);

        if (level is CircuitLevel.Subspace)
        {
            foreach (var (edge, isKept, score) in edges.Where(entry => entry.Edge.Kind is not EdgeKind.Passthrough))
                Add(new Unit($"{edge.Kind} {edge.Via} {edge.From ?? edge.Query} {edge.To ?? edge.Key}", edge.Kind is EdgeKind.Qk or EdgeKind.Ov ? edge.Via : null, edge.Kind is EdgeKind.Embed or EdgeKind.Pos), isKept, score);
            return units;
        }

        if (level is CircuitLevel.Node)
        {
            foreach (var (edge, isKept, score) in edges.Where(entry => entry.Edge.Kind is EdgeKind.Ov or EdgeKind.Mlp))
                Add(new Unit(edge.Via!, edge.Kind is EdgeKind.Ov ? edge.Via : null, false), isKept, score);
            return units;
        }

        var isPromoted = level is CircuitLevel.Component;
        foreach (var (source, reader) in ComponentGraph.All(config))
            Add(Unit(source, reader), false, 0);
        foreach (var (source, reader) in ComponentGraph.Edges(named.Circuit.Keep(edge => edge.IsKept && counts(named.Named(edge)))))
            Add(Unit(source, reader), true, 0);

        if (composition is not null)
        {
            foreach (var ((source, reader), score) in composition)
                Add(Unit(source, reader), false, score);
            return units;
        }

        // A component edge is as strong as the strongest way: what its source writes into a variable times what its reader reads of it.
        var writes = edges.Where(entry => entry.Edge.To is not (null or "logits") && entry.Edge.Kind is not EdgeKind.Passthrough).GroupBy(entry => entry.Edge.To!)
            .ToDictionary(group => group.Key, group => group.GroupBy(entry => entry.Edge.Via ?? entry.Edge.From!).Select(sources => (Source: sources.Key, Score: sources.Max(entry => entry.Score))).ToArray());
        foreach (var (variable, reader, score) in edges.SelectMany(entry => Reads(entry.Edge).Select(read => (read.Variable, read.Reader, entry.Score))))
        {
            foreach (var (source, written) in writes.GetValueOrDefault(variable, []))
            {
                if (units.ContainsKey(Unit(source, reader)))
                    Add(Unit(source, reader), false, written * score);
            }
        }

        return units;

        Unit Unit(string source, string reader)
        {
            var isEmbedding = source is "embed" or "pos";
            if (isPromoted)
                (source, reader) = (isEmbedding ? "resid_pre" : source, reader.TrimEnd('.', 'q', 'k', 'v'));
            return new Unit($"{source} -> {reader}", source[0] == 'a' ? source : reader[0] == 'a' ? reader.TrimEnd('.', 'q', 'k', 'v') : null, isEmbedding);
        }
    }

    private static IEnumerable<(string Variable, string Reader)> Reads(KnownEdge edge) => edge.Kind switch
    {
        EdgeKind.Qk => edge.Query == "const" ? [(edge.Key!, $"{edge.Via}.k")] : [(edge.Query!, $"{edge.Via}.q"), (edge.Key!, $"{edge.Via}.k")],
        EdgeKind.Ov => [(edge.From!, $"{edge.Via}.v")],
        EdgeKind.Mlp => [(edge.From!, edge.Via!)],
        EdgeKind.Unembed => [(edge.From!, edge.To!)],
        _ => [],
    };
}
