using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>An edge between variables instead of subspaces; otherwise as <see cref="CircuitEdge"/>.</summary>
/// <param name="Kind">What it is; passthroughs are not listed.</param>
/// <param name="Via">The head or MLP it goes through, else null.</param>
/// <param name="From">Variable, <c>embed</c> or <c>pos</c>; null for QK.</param>
/// <param name="To">Variable or <c>logits</c>; null for QK.</param>
/// <param name="Query">Variable or <c>const</c>; null unless QK.</param>
/// <param name="Key">Variable; null unless QK.</param>
public sealed record KnownEdge(EdgeKind Kind, string? Via, string? From, string? To, string? Query = null, string? Key = null)
{
    /// <summary>Every edge that the weights can transmit and that heads and neurons in the circuit are known to need.</summary>
    public static IEnumerable<KnownEdge> Of(KnownModel model)
    {
        foreach (var variable in model.Variables.Where(variable => variable.WrittenAt < 0))
        {
            var isPosition = variable is { IsAuxiliary: false, IsPositionOnly: true };
            yield return new(isPosition ? EdgeKind.Pos : EdgeKind.Embed, null, isPosition ? "pos" : "embed", variable.Id);
        }

        foreach (var head in model.Heads.Where(head => head.Role.IsInCircuit))
        {
            var via = Circuit.HeadId(head.Layer, head.Head);
            foreach (var pair in head.Role.Pairs)
                yield return new(EdgeKind.Qk, via, null, null, pair.Query ?? "const", pair.Key);
            foreach (var move in head.Role.Moves)
                yield return new(EdgeKind.Ov, via, move.From, move.To);
        }

        foreach (var group in model.Neurons.Where(group => group.Role is { IsInCircuit: true, Writes: not null }))
        {
            foreach (var read in group.Role.Reads)
                yield return new(EdgeKind.Mlp, Circuit.MlpId(group.Layer), read, group.Role.Writes);
        }

        foreach (var output in model.Outputs)
            yield return new(EdgeKind.Unembed, null, output, "logits");
    }

    /// <summary>Whether an end is no value of the program: BOS, padding.</summary>
    public bool IsAuxiliaryIn(KnownModel model) => model.Variables.Any(variable => variable.IsAuxiliary && (variable.Id == From || variable.Id == To || variable.Id == Query || variable.Id == Key));

    /// <summary>The effect on the outputs of what the edge carries; none of what is no value of the program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="model">Its transformer.</param>
    /// <param name="effects">Effects of its reads.</param>
    public CausalEffect Effect(KnownProgram program, KnownModel model, CausalEffects effects)
    {
        if (IsAuxiliaryIn(model))
            return new CausalEffect(false, false);
        switch (Kind)
        {
            case EdgeKind.Embed or EdgeKind.Pos:
                return effects.Of(To!);
            case EdgeKind.Unembed:
                return effects.Of(From!);
            case EdgeKind.Ov:
                return effects.Of(To!, 2);
            case EdgeKind.Mlp:
                var reader = program.Variables.First(node => program.Names[node] == To);
                var inputs = reader.Inputs.Index().Where(input => program.Names[input.Item] == From).Select(input => effects.Of(To!, input.Index)).ToArray();
                return inputs.Length > 0 ? Either(inputs) : effects.Of(To!); // a selector width reads what its own head has counted
            default:
                var written = model.Heads.Where(head => Circuit.HeadId(head.Layer, head.Head) == Via).SelectMany(head => head.Role.Moves).Select(move => move.To.Replace(".scratch", "", StringComparison.Ordinal)).Distinct();
                return Either([.. written.SelectMany(to => Query == "const" ? (CausalEffect[])[effects.Of(to, 0)] : [effects.Of(to, 0), effects.Of(to, 1)])]);
        }
    }

    private static CausalEffect Either(IReadOnlyList<CausalEffect> effects) => new(effects.Any(effect => effect.Fixed), effects.Any(effect => effect.AnyLength));
}
