using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.Scores;

namespace SubspaceCircuits.Cli.Bench.KnownCircuits;

/// <summary>A model's circuit at one level of detail.</summary>
/// <param name="Precision">Null when nothing is predicted.</param>
/// <param name="Recall">Null when nothing is true.</param>
/// <param name="F1">Of the predicted circuit.</param>
/// <param name="Auroc">Of the scores.</param>
/// <param name="Auprc">Of the scores.</param>
/// <param name="Shd">Edges too many or too few.</param>
/// <param name="True">True edges.</param>
/// <param name="Universe">Candidates.</param>
/// <param name="F1Chance">Mean F1 of random circuits of the same size.</param>
/// <param name="AuprcChance">Mean AUPRC of random scores.</param>
internal sealed record LevelRow(double? Precision, double? Recall, double F1, double? Auroc, double? Auprc, int Shd, int True, int Universe, double F1Chance, double? AuprcChance)
{
    public static LevelRow Of(EdgeRecoveryScores scores) => new(scores.Prediction.Precision, scores.Prediction.Recall, scores.Prediction.F1, scores.Ranking.Auroc, scores.Ranking.Auprc,
        scores.Prediction.Shd, scores.Prediction.TruePositives + scores.Prediction.FalseNegatives, scores.Prediction.Universe, scores.F1Chance.Mean, scores.AuprcChance?.Mean);
}

/// <summary>Subspaces found without the truth.</summary>
/// <param name="AdjustedSrs">Mean over the sites.</param>
/// <param name="GroupAdjustedSrs">The same with variables that no partition can tell apart as one.</param>
internal sealed record SubspaceRow(double AdjustedSrs, double GroupAdjustedSrs);

/// <summary>One model.</summary>
/// <param name="Program">Its program.</param>
/// <param name="Level">How it is disguised.</param>
/// <param name="Seed">Seed of the disguise.</param>
/// <param name="Stage">oracle or end-to-end.</param>
/// <param name="DModel">Width.</param>
/// <param name="IsOneMlp">Whether the whole circuit is one MLP, as in most of InterpBench.</param>
/// <param name="WrongOutputs">Positions of the outputs where model and program differ.</param>
/// <param name="BlockError">Greatest error of a variable at any site.</param>
/// <param name="Subspaces">How well they were found; null when they were given.</param>
/// <param name="Edges">Edges between subspaces.</param>
/// <param name="EdgesWithAuxiliary">The same with BOS.</param>
/// <param name="EdgesWithoutEmbedding">The same without the embeddings.</param>
/// <param name="Ports">Edges from components to ports.</param>
/// <param name="Components">Edges between components.</param>
/// <param name="Nodes">Components.</param>
/// <param name="Seconds">Wall-clock time.</param>
internal sealed record KnownCircuitRow(string Program, string Level, int Seed, string Stage, int DModel, bool IsOneMlp, int WrongOutputs, double BlockError, SubspaceRow? Subspaces,
    LevelRow Edges, LevelRow EdgesWithAuxiliary, LevelRow EdgesWithoutEmbedding, LevelRow Ports, LevelRow Components, LevelRow Nodes, double Seconds)
{
    public static KnownCircuitRow Of(CatalogueEntry entry, DisguiseLevel level, int seed, string stage, KnownModel known, ProgramFit fit, CircuitRecovery scores, SubspaceRow? subspaces, double seconds)
    {
        LevelRow At(CircuitLevel at, bool auxiliary = false, bool embedding = true) => LevelRow.Of(scores.At(at, auxiliary, embedding).Scores);
        return new KnownCircuitRow(entry.Id, level.ToString(), seed, stage, known.Weights.Config.DModel, known.Heads.All(head => !head.Role.IsInCircuit) && known.Neurons.Count(group => group.Role.IsInCircuit) == 1,
            fit.WrongOutputs, fit.BlockError, subspaces, At(CircuitLevel.Subspace), At(CircuitLevel.Subspace, auxiliary: true), At(CircuitLevel.Subspace, embedding: false), At(CircuitLevel.Port), At(CircuitLevel.Component), At(CircuitLevel.Node), Math.Round(seconds, 2));
    }

    /// <summary>Edges between components, ranked by composition, which adds up over all subspaces.</summary>
    public LevelRow? Composed { get; init; }

    /// <summary>The same for edges to ports.</summary>
    public LevelRow? ComposedPorts { get; init; }

    /// <summary>The same row with edges between components ranked by composition.</summary>
    public KnownCircuitRow WithComposition(CircuitRecovery composed) =>
        this with { Composed = LevelRow.Of(composed.At(CircuitLevel.Component).Scores), ComposedPorts = LevelRow.Of(composed.At(CircuitLevel.Port).Scores) };

    /// <summary>Whether nothing at all is wrong.</summary>
    public bool IsExact => new[] { Edges, EdgesWithAuxiliary, EdgesWithoutEmbedding, Ports, Components, Nodes }.All(level => level.Shd == 0);
}
