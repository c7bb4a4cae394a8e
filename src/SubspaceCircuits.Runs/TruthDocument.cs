using SubspaceCircuits.Circuits;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Runs;

/// <summary>A variable that is known to be in activations.</summary>
/// <param name="Id">Name.</param>
/// <param name="Encoding">categorical, numerical, sparse (unit features, at most one active) or gaussian (no structure).</param>
/// <param name="Values">Values it can have; 0 for gaussian and auxiliary ones.</param>
/// <param name="Dims">Dimensions of its subspace.</param>
/// <param name="Basis">Name of its basis in <c>truth.safetensors</c>: orthonormal columns. [d_model, dims]</param>
public sealed record TruthVariable(string Id, string Encoding, int Values, int Dims, string Basis)
{
    /// <summary>What only variables of models have; null for activations.</summary>
    public TruthWriting? Writing { get; init; }
}

/// <summary>How a model writes and reads a variable.</summary>
/// <param name="ValueNames">Its values, in the order of the codes.</param>
/// <param name="IsNullable">Whether it can be None, which is zero.</param>
/// <param name="IsAuxiliary">Whether it is no value of the program: BOS, padding.</param>
/// <param name="IsPositionOnly">Whether it depends on position and length only.</param>
/// <param name="HalfLayer">Half-layer that writes it: −1 embeddings, 2l attention l, 2l + 1 MLP l.</param>
/// <param name="WrittenBy">Components that write it.</param>
/// <param name="Site">First site that holds it; all later ones do.</param>
/// <param name="DeadAfterSite">Last site where it is read; null when the logits read it or nothing does.</param>
/// <param name="ActiveDims">Dimensions in which it varies on the program's inputs.</param>
/// <param name="ActiveBasis">Their basis in <c>truth.safetensors</c>. [d_model, active_dims]</param>
/// <param name="Codes">What each value writes, in <c>truth.safetensors</c>. [values, d_model], one row for a number</param>
/// <param name="Duals">What reads it: codes times duals is the identity where the model is exact. [d_model, values]</param>
public sealed record TruthWriting(IReadOnlyList<string> ValueNames, bool IsNullable, bool IsAuxiliary, bool IsPositionOnly, int HalfLayer, IReadOnlyList<string> WrittenBy, string Site,
    string? DeadAfterSite, int ActiveDims, string? ActiveBasis, string Codes, string Duals);

/// <summary>How the variables depend on each other.</summary>
/// <param name="Order">Variables in the order of the matrix.</param>
/// <param name="MutualInformationBits">Of the values (plug-in estimate); entropy on the diagonal. [variable, variable]</param>
/// <param name="IdentifiabilityGroups">Variables that no partition could tell apart, together.</param>
public sealed record TruthDependence(IReadOnlyList<string> Order, IReadOnlyList<IReadOnlyList<double>> MutualInformationBits, IReadOnlyList<IReadOnlyList<string>> IdentifiabilityGroups);

/// <summary>A query and a key that a head compares; a query of null is the constant part.</summary>
public sealed record TruthPair(string? Query, string Key);

/// <summary>A variable that a head moves into another.</summary>
public sealed record TruthMove(string From, string To);

/// <summary>A head, or a group of neurons of an MLP.</summary>
/// <param name="Id"><c>a0.1</c>, or <c>m0</c> for a group of its neurons.</param>
/// <param name="Kind">head or neurons.</param>
/// <param name="Layer">Its layer.</param>
/// <param name="Head">Number of the head; null for neurons.</param>
/// <param name="Neurons">The neurons; empty for a head.</param>
/// <param name="Pairs">What a head compares.</param>
/// <param name="Moves">What a head moves.</param>
/// <param name="Reads">What neurons read.</param>
/// <param name="Writes">What neurons write; null when nothing that is known.</param>
/// <param name="InCircuit">Whether the outputs need it.</param>
/// <param name="RedundantGroup">Heads of which any part could do the work of all.</param>
public sealed record TruthComponent(string Id, string Kind, int Layer, int? Head, IReadOnlyList<int> Neurons, IReadOnlyList<TruthPair> Pairs, IReadOnlyList<TruthMove> Moves, IReadOnlyList<string> Reads,
    string? Writes, bool InCircuit, string? RedundantGroup);

/// <summary>An edge between variables: OV, MLP, embeddings and logits have from and to, QK a query (or <c>const</c>) and a key.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Via">Head or MLP.</param>
/// <param name="From">Source.</param>
/// <param name="To">Target.</param>
/// <param name="Query">Query.</param>
/// <param name="Key">Key.</param>
/// <param name="IsAuxiliary">Whether an end is no value of the program.</param>
/// <param name="Structural">Whether weights can transmit; true for all that are listed.</param>
/// <param name="Causal">Whether an interchange of sequences of one length along it ever changed an output.</param>
/// <param name="CausalVarLen">The same with sequences of any lengths.</param>
/// <param name="RedundantGroup">Group of its head.</param>
public sealed record TruthEdge(EdgeKind Kind, string? Via, string? From, string? To, string? Query, string? Key, bool IsAuxiliary, bool Structural, bool Causal, bool CausalVarLen, string? RedundantGroup);

/// <summary>An edge between components.</summary>
/// <param name="From"><c>embed</c>, <c>pos</c>, <c>a0.1</c> or <c>m0</c>.</param>
/// <param name="To"><c>a1.0</c>, <c>m0</c> or <c>logits</c>.</param>
/// <param name="Port">q, k, v or in.</param>
/// <param name="Structural">As in <see cref="TruthEdge"/>.</param>
/// <param name="Causal">As in <see cref="TruthEdge"/>.</param>
/// <param name="CausalVarLen">As in <see cref="TruthEdge"/>.</param>
public sealed record TruthComponentEdge(string From, string To, string Port, bool Structural, bool Causal, bool CausalVarLen);

/// <summary>Edges of a known circuit.</summary>
public sealed record TruthEdges(IReadOnlyList<TruthEdge> Subspace, IReadOnlyList<TruthComponentEdge> Component);

/// <summary>How many edges there could be.</summary>
/// <param name="ComponentEdges">Between components, by port.</param>
/// <param name="SubspaceQk">Pairs of subspaces that a head could compare, constants included.</param>
/// <param name="SubspaceOv">Pairs that a head could move.</param>
/// <param name="Mlp">Pairs that an MLP could move.</param>
public sealed record TruthUniverse(int ComponentEdges, int SubspaceQk, int SubspaceOv, int Mlp);

/// <summary>A model whose circuit is known.</summary>
/// <param name="Program">Name of its program.</param>
/// <param name="Sha256">Hash of its file of weights.</param>
/// <param name="Layers">Layers.</param>
/// <param name="Heads">Heads of a layer.</param>
/// <param name="DHead">Width of a head.</param>
/// <param name="DMlp">Neurons of a layer.</param>
/// <param name="IsCausal">Direction of attention.</param>
/// <param name="Vocabulary">Values of the tokens by id; BOS comes after them.</param>
/// <param name="MaxLength">Longest sequence, without BOS.</param>
/// <param name="Beta">Score of a selected key above another, logits.</param>
/// <param name="Disguise">What was done to it, in order.</param>
/// <param name="Outputs">Variables that the logits read, in their order.</param>
public sealed record TruthModel(string Program, string Sha256, int Layers, int Heads, int DHead, int? DMlp, bool IsCausal, IReadOnlyList<string> Vocabulary, int MaxLength, double Beta, IReadOnlyList<string> Disguise, IReadOnlyList<string> Outputs);

/// <summary><c>truth.json</c>: what activations, or a model, are known to hold; tensors stand in <c>truth.safetensors</c>.</summary>
/// <param name="Schema">subspace-circuits/ground-truth/1.</param>
/// <param name="Id">What the truth is of.</param>
/// <param name="DModel">Directions.</param>
/// <param name="Seed">Seed it was made with.</param>
/// <param name="Variables">The variables.</param>
public sealed record TruthDocument(string Schema, string Id, int DModel, int Seed, IReadOnlyList<TruthVariable> Variables)
{
    /// <summary>The schema that is written.</summary>
    public const string CurrentSchema = "subspace-circuits/ground-truth/1";

    /// <summary>Settings of synthetic activations.</summary>
    public SyntheticSettings? Settings { get; init; }

    /// <summary>Dependence of the variables of activations.</summary>
    public TruthDependence? Dependence { get; init; }

    /// <summary>Dependence of the variables at each site of a model.</summary>
    public IReadOnlyDictionary<string, TruthDependence>? DependenceAt { get; init; }

    /// <summary>The model.</summary>
    public TruthModel? Model { get; init; }

    /// <summary>Heads and neurons of the model.</summary>
    public IReadOnlyList<TruthComponent>? Components { get; init; }

    /// <summary>Edges of its circuit.</summary>
    public TruthEdges? Edges { get; init; }

    /// <summary>How many edges there could be.</summary>
    public TruthUniverse? Universe { get; init; }
}
