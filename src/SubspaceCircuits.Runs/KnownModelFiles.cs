using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.Models;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>How a known model was made, as its truth tells.</summary>
/// <param name="Seed">Seed of its disguises.</param>
/// <param name="Beta">Score of a selected key above another, logits.</param>
/// <param name="Disguise">What was done to it, in order.</param>
public sealed record KnownModelOrigin(int Seed, double Beta, IReadOnlyList<string> Disguise);

/// <summary>
/// A model whose circuit is known, on disk: an ordinary model folder without its secrets, and the truth in a folder of its own (<c>truth.json</c>,
/// <c>truth.safetensors</c>).
/// </summary>
public static class KnownModelFiles
{
    /// <summary>Writes the truth; <c>truth.json</c> comes last, so a folder that has one is whole.</summary>
    /// <param name="folder">Folder of the truth, made when it is not there.</param>
    /// <param name="known">The model.</param>
    /// <param name="program">Its program.</param>
    /// <param name="origin">How it was made.</param>
    /// <param name="sha256">Hash of its file of weights.</param>
    public static TruthDocument Write(string folder, KnownModel known, KnownProgram program, KnownModelOrigin origin, string sha256)
    {
        Directory.CreateDirectory(folder);
        using var scope = NewDisposeScope();
        var config = known.Weights.Config;
        var (statistics, effects) = (new VariableStatistics(program), new CausalEffects(program));
        using var subspaces = new KnownSubspaces(known);
        var candidates = CircuitBuilder.Candidates(new PartitionedModel(known.Weights, subspaces.Partitions));
        KnownEdge[] edges = [.. subspaces.Truth(candidates).Kept.Where(edge => edge.Kind is not EdgeKind.Passthrough).Select(subspaces.Named(candidates).Named)];

        Dictionary<string, Tensor> tensors = [];
        TruthVariable[] variables = [.. known.Variables.Select(variable => Variable(known, variable, statistics, edges, tensors))];
        Safetensors.Write(Path.Combine(folder, "truth.safetensors"), tensors);
        var document = new TruthDocument(TruthDocument.CurrentSchema, known.Id, config.DModel, origin.Seed, variables)
        {
            Model = new TruthModel(program.Id, sha256, config.NLayers, config.NHeads, config.DHead, config.DMlp, config.IsCausal, [.. program.Vocabulary.Select(value => value.ToString())],
                program.MaxLength, origin.Beta, origin.Disguise, known.Outputs),
            DependenceAt = Site.All(config).ToDictionary(site => site.ToString(), site => Dependence([.. known.At(site).Select(variable => variable.Id).Where(statistics.Has)], statistics)),
            Components = [.. known.Heads.Select(Component), .. known.Neurons.Select(Component)],
            Edges = new TruthEdges([.. edges.Select(edge => Edge(edge, known, program, effects))], [.. ComponentEdges(edges, known, program, effects)]),
            Universe = new TruthUniverse(ComponentGraph.CountAll(config), candidates.Edges.Count(edge => edge.Kind is EdgeKind.Qk), candidates.Edges.Count(edge => edge.Kind is EdgeKind.Ov), candidates.Edges.Count(edge => edge.Kind is EdgeKind.Mlp)),
        };
        Json.Write(Path.Combine(folder, "truth.json"), document);
        return document;
    }

    /// <summary>Reads the truth about a model.</summary>
    /// <param name="path"><c>truth.json</c>.</param>
    /// <param name="weights">The model, which the answer borrows and does not dispose.</param>
    /// <exception cref="CheckpointException">The file is missing, damaged, about activations, or about a model of other sizes.</exception>
    public static (KnownModel Known, TruthDocument Document) Read(string path, Weights weights)
    {
        var document = Json.Read<TruthDocument>(path);
        if (document.Schema != TruthDocument.CurrentSchema)
            throw new CheckpointException(path, $"expected schema '{TruthDocument.CurrentSchema}', but found '{document.Schema}'");
        if (document.Model is not { } model || document.Components is not { } components)
            throw new CheckpointException(path, "is about activations, not about a model");
        var config = weights.Config;
        if (document.DModel != config.DModel || model.Layers != config.NLayers || model.Heads != config.NHeads)
            throw new CheckpointException(path, $"is about a model of {model.Layers} layers, {model.Heads} heads and d_model {document.DModel}, but this one has {config.NLayers}, {config.NHeads} and {config.DModel}");

        using var scope = NewDisposeScope();
        using var tensors = Safetensors.Read(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "truth.safetensors"));
        KnownVariable Read(TruthVariable variable)
        {
            var writing = variable.Writing ?? throw new CheckpointException(path, $"variable '{variable.Id}' has no writing");
            var rows = Math.Max(1, variable.Encoding == "categorical" ? writing.ValueNames.Count : 1);
            return new KnownVariable(variable.Id, variable.Encoding == "categorical" ? Encoding.Categorical : Encoding.Numerical, [.. writing.ValueNames.Select(name => (Value)name)], writing.IsNullable, writing.HalfLayer,
                writing.IsAuxiliary, writing.IsPositionOnly, tensors.Take(writing.Codes, rows, document.DModel).clone().DetachFromDisposeScope(), tensors.Take(writing.Duals, document.DModel, rows).clone().DetachFromDisposeScope());
        }

        return (new KnownModel(document.Id, weights, [.. document.Variables.Select(Read)],
            [.. components.Where(part => part.Head is not null).Select(part => new KnownHead(part.Layer, part.Head!.Value, new HeadRole([.. part.Pairs.Select(pair => new QkPair(pair.Query, pair.Key))], [.. part.Moves.Select(move => new Move(move.From, move.To))], part.InCircuit, part.RedundantGroup)))],
            [.. components.Where(part => part.Head is null).Select(part => new KnownNeurons(part.Layer, part.Neurons, new NeuronRole(part.Reads, part.Writes, part.InCircuit)))], model.Outputs), document);
    }

    private static TruthVariable Variable(KnownModel known, KnownVariable variable, VariableStatistics statistics, IReadOnlyList<KnownEdge> edges, Dictionary<string, Tensor> tensors)
    {
        var (basis, active) = (variable.Basis(), statistics.Has(variable.Id) ? statistics.ActiveBasis(variable) : null);
        string Named(string name) => $"truth/{variable.Id}/{name}";
        (tensors[Named("basis")], tensors[Named("codes")], tensors[Named("duals")]) = (basis, variable.Writes, variable.Reads);
        if (active is { } && active.shape[1] > 0)
            tensors[Named("active_basis")] = active;
        var sites = Site.All(known.Weights.Config);
        return new TruthVariable(variable.Id, variable.Encoding is Encoding.Categorical ? "categorical" : "numerical", variable.Values.Count, (int)basis.shape[1], Named("basis"))
        {
            Writing = new TruthWriting([.. variable.Values.Select(value => value.ToString())], variable.IsNullable, variable.IsAuxiliary, variable.IsPositionOnly, variable.WrittenAt,
                [.. Writers(edges, variable.Id)], sites.First(site => KnownModel.WrittenAt(site) >= variable.WrittenAt).ToString(), DeadAfter(known, edges, variable.Id),
                (int)(active?.shape[1] ?? 1), active is { } && active.shape[1] > 0 ? Named("active_basis") : null, Named("codes"), Named("duals")),
        };
    }

    private static IEnumerable<string> Writers(IReadOnlyList<KnownEdge> edges, string variable) =>
        edges.Where(edge => edge.To == variable).Select(edge => edge.Via ?? edge.From!).Distinct();

    /// <summary>The site that its last reader reads; null when that is the logits, or there is none.</summary>
    private static string? DeadAfter(KnownModel known, IReadOnlyList<KnownEdge> edges, string variable)
    {
        var readers = edges.Where(edge => edge.From == variable || edge.Query == variable || edge.Key == variable).Select(edge => edge.Via).ToArray();
        if (readers.Length == 0 || readers.Contains(null))
            return null;
        var last = readers.Max(via => via![0] == 'm' ? (2 * int.Parse(via[1..])) + 1 : 2 * int.Parse(via[1..via.IndexOf('.', StringComparison.Ordinal)]));
        return Site.All(known.Weights.Config).Last(site => KnownModel.WrittenAt(site) < last).ToString();
    }

    private static TruthDependence Dependence(IReadOnlyList<string> variables, VariableStatistics statistics) => new(variables,
        [.. variables.Select(a => (IReadOnlyList<double>)[.. variables.Select(b => Math.Round(statistics.Bits(a, b), 4))])], statistics.Groups(variables));

    private static TruthComponent Component(KnownHead head) => new(Circuit.HeadId(head.Layer, head.Head), "head", head.Layer, head.Head, [],
        [.. head.Role.Pairs.Select(pair => new TruthPair(pair.Query, pair.Key))], [.. head.Role.Moves.Select(move => new TruthMove(move.From, move.To))], [], null, head.Role.IsInCircuit, head.Role.RedundancyGroup);

    private static TruthComponent Component(KnownNeurons group) => new(Circuit.MlpId(group.Layer), "neurons", group.Layer, null, group.Neurons, [], [], group.Role.Reads, group.Role.Writes, group.Role.IsInCircuit, null);

    private static TruthEdge Edge(KnownEdge edge, KnownModel known, KnownProgram program, CausalEffects effects)
    {
        var effect = edge.Effect(program, known, effects);
        return new TruthEdge(edge.Kind, edge.Via, edge.From, edge.To, edge.Query, edge.Key, edge.IsAuxiliaryIn(known), true, effect.Fixed, effect.AnyLength,
            known.Heads.FirstOrDefault(head => Circuit.HeadId(head.Layer, head.Head) == edge.Via)?.Role.RedundancyGroup);
    }

    /// <summary>Who wrote what each port reads.</summary>
    private static IEnumerable<TruthComponentEdge> ComponentEdges(IReadOnlyList<KnownEdge> edges, KnownModel known, KnownProgram program, CausalEffects effects)
    {
        IEnumerable<(string Variable, string To, string Port, KnownEdge Edge)> reads = edges.SelectMany(edge => edge.Kind switch
        {
            EdgeKind.Qk => [(edge.Query!, edge.Via!, "q", edge), (edge.Key!, edge.Via!, "k", edge)],
            EdgeKind.Ov => [(edge.From!, edge.Via!, "v", edge)],
            EdgeKind.Mlp => [(edge.From!, edge.Via!, "in", edge)],
            EdgeKind.Unembed => [(edge.From!, "logits", "in", edge)],
            _ => Array.Empty<(string, string, string, KnownEdge)>(),
        });
        return reads.SelectMany(read => Writers(edges, read.Variable), (read, writer) => (writer, read))
            .GroupBy(pair => (pair.writer, pair.read.To, pair.read.Port))
            .Select(group =>
            {
                var found = group.Select(pair => pair.read.Edge.Effect(program, known, effects)).ToArray();
                return new TruthComponentEdge(group.Key.writer, group.Key.To, group.Key.Port, true, found.Any(effect => effect.Fixed), found.Any(effect => effect.AnyLength));
            });
    }
}
