using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>A component circuit of others beside ours, in their names: <c>embed</c> and <c>pos</c> are <c>input</c>.</summary>
/// <param name="Candidates">Edges that scores were compared on: all of our model.</param>
/// <param name="Both">Edges in both circuits, by the magnitude of their score there.</param>
/// <param name="OnlyTheirs">Edges in theirs only, by the same.</param>
/// <param name="OnlyOurs">Edges in ours only, by the magnitude of ours.</param>
/// <param name="Spearman">Rank correlation of the magnitudes over all candidates, those not in their file with score 0; null where all of one side are equal.</param>
public sealed record GraphComparison(int Candidates, IReadOnlyList<string> Both, IReadOnlyList<string> OnlyTheirs, IReadOnlyList<string> OnlyOurs, double? Spearman)
{
    /// <summary>Compares.</summary>
    /// <param name="theirs">Their graph.</param>
    /// <param name="circuit">Our circuit of the same model, all candidates with scores.</param>
    /// <param name="score">Name of the score of ours.</param>
    /// <exception cref="ArgumentException">They are not of models of the same sizes.</exception>
    public static GraphComparison Of(EapGraph theirs, Circuit circuit, string score)
    {
        var ours = EapGraph.Of(circuit, score);
        if (theirs.Cfg with { Others = null } != ours.Cfg)
            throw new ArgumentException($"The graph is of {Sizes(theirs.Cfg)}, but the circuit of {Sizes(ours.Cfg)}; only graphs of one model can be compared.");

        var hasMlps = circuit.Nodes.Any(node => node.Kind is NodeKind.Mlp);
        var absent = new EapEdge(0, false);
        EapEdge Theirs(string name) => theirs.Edges.GetValueOrDefault(name, absent);
        static double Weight(EapEdge edge) => Math.Abs(edge.Score);
        static bool IsOfMlp(string name) => EapNames.Ends(name) is var (source, target) && (source.StartsWith('m') || target.StartsWith('m'));
        string[] candidates = [.. ours.Edges.Keys.Where(name => hasMlps || !IsOfMlp(name))];
        string[] strongest = [.. ours.Edges.Keys.OrderByDescending(name => Weight(Theirs(name)))];
        return new GraphComparison(candidates.Length,
            [.. strongest.Where(name => Theirs(name).InGraph && ours.Edges[name].InGraph)],
            [.. strongest.Where(name => Theirs(name).InGraph && !ours.Edges[name].InGraph)],
            [.. ours.Edges.Where(edge => edge.Value.InGraph && !Theirs(edge.Key).InGraph).OrderByDescending(edge => Weight(edge.Value)).Select(edge => edge.Key)],
            RankCorrelation.Of([.. candidates.Select(name => Weight(Theirs(name)))], [.. candidates.Select(name => Weight(ours.Edges[name]))]));
    }

    private static string Sizes(EapConfig cfg) => $"{cfg.NLayers} layers with {cfg.NHeads} heads, d_model {cfg.DModel}, attention and MLP {(cfg.ParallelAttnMlp ? "in parallel" : "in sequence")}";
}
