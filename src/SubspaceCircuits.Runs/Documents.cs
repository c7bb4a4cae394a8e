using System.Text.Json.Serialization;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Subspaces.Labels;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>How far a stage is.</summary>
public enum StageStatus
{
    /// <summary>Begun, not finished: it was stopped, or failed, or is under way.</summary>
    Started,

    /// <summary>Finished; its files are whole.</summary>
    Done,
}

/// <summary>One stage of a run.</summary>
/// <param name="Name">evaluation, partition x0.pre, …, circuit, validation, attention, report.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record StageRecord(string Name, StageStatus Status, double Seconds);

/// <summary>The model of a run.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="Path">Where it was read from.</param>
/// <param name="Sha256">Hash of its file of weights.</param>
/// <param name="NLayers">Layers.</param>
/// <param name="NHeads">Heads in each.</param>
/// <param name="DModel">Width of the residual stream.</param>
/// <param name="DHead">Width of a head.</param>
/// <param name="DMlp">Neurons of an MLP, or null.</param>
/// <param name="DVocab">Tokens.</param>
/// <param name="NCtx">Positions.</param>
/// <param name="AttnOnly">Whether it has no MLPs.</param>
/// <param name="Normalization">LN or none.</param>
public sealed record ModelRecord(string Name, string Path, string Sha256, int NLayers, int NHeads, int DModel, int DHead, int? DMlp, int DVocab, int NCtx, bool AttnOnly, string Normalization);

/// <summary><c>run.json</c>: everything that a run was made with, and how far it is.</summary>
/// <param name="Schema">subspace-circuits/run/1.</param>
/// <param name="Version">Version of this software.</param>
/// <param name="Libraries">Versions of what the numbers depend on.</param>
/// <param name="Command">The command as it was given.</param>
/// <param name="Model">The model.</param>
/// <param name="Settings">Frozen settings.</param>
/// <param name="Threads">Threads libtorch computed with: same seed, same threads, same machine, same bytes.</param>
/// <param name="Stages">Stages so far.</param>
public sealed record RunManifest(string Schema, string Version, IReadOnlyDictionary<string, string> Libraries, string Command, ModelRecord Model, AnalysisSettings Settings, int Threads, IReadOnlyList<StageRecord> Stages)
{
    /// <summary>The schema that is written.</summary>
    public const string CurrentSchema = "subspace-circuits/run/1";
}

/// <summary><c>evaluation.json</c>.</summary>
/// <param name="Schema">subspace-circuits/evaluation/1.</param>
/// <param name="Task">Task.</param>
/// <param name="Ranges">Whole-sequence accuracy of each range of lengths.</param>
public sealed record EvaluationDocument(string Schema, string Task, IReadOnlyList<RangeAccuracy> Ranges);

/// <summary><c>partitions/SITE/partition.json</c>; the tensors stand beside it in <c>rotation.safetensors</c>.</summary>
/// <param name="Schema">subspace-circuits/partition/1.</param>
/// <param name="Site">Short name of the site, or null when activations came from a file.</param>
/// <param name="Hook">Hook point, or null.</param>
/// <param name="Sizes">Dimensions of each subspace.</param>
/// <param name="Variance">Total variance of each subspace.</param>
/// <param name="MeanDistance">Unweighted mean of the distances.</param>
/// <param name="Distances">Mean nearest distance in each subspace.</param>
/// <param name="MutualInformation">Nats per dimension; the diagonal is null.</param>
/// <param name="Shares">For each subspace: variance explained by each known variable.</param>
/// <param name="Captured">For each subspace: which part of all that a variable explains at the site lies in it.</param>
/// <param name="Labels">For each subspace: what it is about, or "mixed".</param>
/// <param name="Strategy">How it was found.</param>
/// <param name="Steps">Steps of all trainings.</param>
/// <param name="Activations">Activations it was found on.</param>
/// <param name="Lookahead">What look-ahead missed; null in exact search.</param>
/// <param name="Discovery">Where the number of subspaces was found: the numbers it rests on.</param>
/// <param name="Readings">What is decodable from each subspace, beside random subspaces of the same size; null where no variable is known.</param>
public sealed record PartitionDocument(string Schema, string? Site, string? Hook, IReadOnlyList<int> Sizes, IReadOnlyList<double> Variance, double MeanDistance, IReadOnlyList<double> Distances,
    IReadOnlyList<IReadOnlyList<double>> MutualInformation, IReadOnlyList<IReadOnlyDictionary<string, double>> Shares, IReadOnlyList<IReadOnlyDictionary<string, double>> Captured, IReadOnlyList<string> Labels, string Strategy, int Steps, long Activations,
    LookaheadDocument? Lookahead = null, DiscoveryDocument? Discovery = null, IReadOnlyList<SubspaceLabel>? Readings = null);

/// <summary>What look-ahead missed, by an exact search of some of its queries.</summary>
/// <param name="Audited">Nearest keys compared.</param>
/// <param name="Agreement">Share of them that agreed.</param>
/// <param name="LossExcess">By how much their distances exceed the least, as a share.</param>
public sealed record LookaheadDocument(long Audited, double Agreement, double LossExcess);

/// <summary>A node in <c>circuit.json</c>.</summary>
public sealed record NodeDocument(string Id, NodeKind Kind, string? Site, int? Layer, int? Size, string? Label, bool InCircuit);

/// <summary>An edge in <c>circuit.json</c>.</summary>
public sealed record EdgeDocument(EdgeKind Kind, string? Via, string? From, string? To, string? Query, string? Key, EdgeScores Scores, bool InCircuit);

/// <summary><c>circuit.json</c>.</summary>
/// <param name="Schema">subspace-circuits/circuit/1.</param>
/// <param name="Coverage">Share of the incoming variance that the kept edges of every target cover.</param>
/// <param name="Nodes">Nodes.</param>
/// <param name="Edges">All candidate edges.</param>
public sealed record CircuitDocument(string Schema, double Coverage, IReadOnlyList<NodeDocument> Nodes, IReadOnlyList<EdgeDocument> Edges);

/// <summary>A control in <c>validation.json</c>.</summary>
public sealed record ControlDocument(string Name, double MatchAccuracy, double PositionMatch, double TaskAccuracy, double Kl, int Edges);

/// <summary>A point of the frontier in <c>validation.json</c>.</summary>
public sealed record FrontierDocument(double Coverage, int Edges, double MatchAccuracy, double PositionMatch, double TaskAccuracy, double Kl);

/// <summary>Circuits of growing size that one way of choosing gives, in <c>validation.json</c>.</summary>
public sealed record SelectionDocument(string Selection, double? Stability, double? Cmd, double? Cpr, IReadOnlyList<SelectionPointDocument> Points);

/// <summary>One of these circuits.</summary>
/// <param name="At">The coverage, or the share of edges, that was asked for.</param>
/// <param name="Edges">Edges left after dangling ones were removed.</param>
/// <param name="ComponentEdges">Edges between components that they make.</param>
/// <param name="MatchAccuracy">Match accuracy of sequences.</param>
/// <param name="PositionMatch">Match accuracy of positions.</param>
/// <param name="TaskAccuracy">Task accuracy.</param>
/// <param name="Kl">Nats.</param>
public sealed record SelectionPointDocument(double At, int Edges, int ComponentEdges, double MatchAccuracy, double PositionMatch, double TaskAccuracy, double Kl);

/// <summary>Rank correlation of scores with the effect of ablating single edges, in <c>validation.json</c>; without a kind of all edges together.</summary>
public sealed record AgreementDocument(EdgeKind? Kind, int Edges, double? Energy, double? Variance, double? Nats);

/// <summary>How the divergence is spread over the sequences, in <c>validation.json</c>.</summary>
/// <param name="Median">Nats.</param>
/// <param name="P90">Nats.</param>
/// <param name="P99">Nats.</param>
/// <param name="Worst">The sequences with the greatest divergence.</param>
public sealed record KlDocument(double Median, double P90, double P99, IReadOnlyList<WorstDocument> Worst);

/// <summary>A sequence and its divergence.</summary>
public sealed record WorstDocument(string Tokens, double Kl);

/// <summary>A price of constant norms: nats per scored position, and accuracies of sequences.</summary>
public sealed record PriceDocument(double Kl, double MatchAccuracy, double TaskAccuracy);

/// <summary>One norm in <c>validation.json</c>.</summary>
/// <param name="Reader">Its name.</param>
/// <param name="Variation">Coefficient of variation of 1/σ over tokens.</param>
/// <param name="Kl">Price of a constant in its place alone.</param>
public sealed record NormReaderDocument(string Reader, double Variation, double Kl);

/// <summary>What it costs to put constants in the place of norms.</summary>
/// <param name="OfMoments">One for each reader, that of the scores.</param>
/// <param name="Constant">One for each reader, the mean of 1/σ.</param>
/// <param name="PerClass">One for each reader, for the first position and the rest.</param>
/// <param name="Learned">The best found for each reader and class; null where none were sought.</param>
/// <param name="Readers">Every norm.</param>
public sealed record NormsDocument(PriceDocument OfMoments, PriceDocument Constant, PriceDocument PerClass, PriceDocument? Learned, IReadOnlyList<NormReaderDocument> Readers);

/// <summary><c>validation.json</c>.</summary>
public sealed record ValidationDocument(string Schema, string Ablation, int Samples, int From, int To, double MatchAccuracy, double PositionMatch, double TaskAccuracy, double Kl, int Edges, int Of, int ComponentEdges, int ComponentOf,
    double ModelTaskAccuracy, IReadOnlyList<string> Components, IReadOnlyList<ControlDocument> Controls, IReadOnlyList<FrontierDocument> Frontier)
{
    /// <summary>Other ways of choosing.</summary>
    public IReadOnlyList<SelectionDocument> Selections { get; init; } = [];

    /// <summary>How far scores predict effects.</summary>
    public IReadOnlyList<AgreementDocument> Agreement { get; init; } = [];

    /// <summary>Divergence by sequence.</summary>
    public KlDocument? KlOfSequences { get; init; }

    /// <summary>Price of constant norms; null in a model without norms.</summary>
    public NormsDocument? Norms { get; init; }

    /// <summary>Which assumptions of a reading from weights do not hold in this model, each with its number.</summary>
    public IReadOnlyList<string> Broken { get; init; } = [];

    /// <summary>Of heads that the weights name as alike or opposed, what ablating both does beyond each.</summary>
    public IReadOnlyList<HeadPairEffect> HeadPairs { get; init; } = [];

    /// <summary>MLPs by order.</summary>
    public IReadOnlyList<MlpReport> Mlps { get; init; } = [];
}

/// <summary>A pattern in <c>attention.json</c>. [query][key]</summary>
public sealed record PatternDocument(int Layer, int Head, [property: JsonConverter(typeof(RowsOnOneLine))] IReadOnlyList<IReadOnlyList<double>> Pattern);

/// <summary>One sequence with its patterns in <c>attention.json</c>.</summary>
/// <param name="Tokens">Tokens.</param>
/// <param name="Supervised">Where the prediction is scored.</param>
/// <param name="Predicted">What the model predicts after each position: a token, or in tasks scored by sets <c>{a b}</c>.</param>
/// <param name="Patterns">Patterns of all heads.</param>
public sealed record ExampleDocument(IReadOnlyList<string> Tokens, IReadOnlyList<bool> Supervised, IReadOnlyList<string> Predicted, IReadOnlyList<PatternDocument> Patterns)
{
    /// <summary>Name of the prompt; none in the example of a run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>Whether each scored prediction is right by the task's rule; null where nothing is scored.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<bool?>? Right { get; init; }
}

/// <summary><c>attention.json</c>.</summary>
/// <param name="Schema">subspace-circuits/attention/1.</param>
/// <param name="Heads">Scores of the heads; empty where no task is known.</param>
/// <param name="Example">The first prompt.</param>
public sealed record AttentionDocument(string Schema, IReadOnlyList<HeadDocument> Heads, ExampleDocument Example)
{
    /// <summary>All prompts, the first one too; none in a run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ExampleDocument>? Prompts { get; init; }
}
