using SubspaceCircuits.KnownCircuits.Rasp;
using static SubspaceCircuits.KnownCircuits.Catalogue.CatalogueEntry;
using static SubspaceCircuits.KnownCircuits.Catalogue.Vocabularies;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>Programs that tell tokens that occur once from those that recur.</summary>
internal static class Duplicates
{
    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        Causal("dedup_causal", "tokens where they occur first, else None", new(5, 8), Letters, FirstOccurrences, interpBench: "96 (similar)"),
        // A key has a direction for each token at each index: 20 letters make d_model 395.
        Bidirectional("dedup_all", "the same, by comparison of indices", new(3, 5), Letters, FirstOccurrencesByIndex, ship: new(20, 16), interpBench: "21"),
        Causal("dedup_consecutive", "tokens that differ from the one before, else None", new(3, 8), Letters, Changes, interpBench: "19, 32"),
        Bidirectional("toy_ioi", "the name that occurs once (indirect object)", new(5, 4), Names, IndirectObject, sampling: Samplers.OneNameOnce),
    ];

    public static SequenceOperator FirstOccurrences(ProgramInputs inputs) =>
        Program.Map("dedup", inputs.Tokens, inputs.Histogram("n_sofar"), (token, count) => count == 1 ? token : null);

    public static SequenceOperator FirstOccurrencesByIndex(ProgramInputs inputs)
    {
        var placed = inputs.Placed("tok_idx");
        var earlier = Program.Width("n_earlier", Program.Select(placed, placed, (key, query) => key.Both.First == query.Both.First && key.Both.Second < query.Both.Second));
        return Program.Map("dedup", inputs.Tokens, earlier, (token, count) => count == 0 ? token : null);
    }

    /// <summary>None at the start, for there is nothing that the first token differs from.</summary>
    public static SequenceOperator Changes(ProgramInputs inputs) =>
        Program.Map("dedup", inputs.Tokens, inputs.Shift("prev", inputs.Tokens, 1), (token, previous) => token != previous ? token : null);

    /// <summary>Counts names, suppresses those that recur and moves the one that is left: the heads of Wang et al. (2022) in little.</summary>
    public static SequenceOperator IndirectObject(ProgramInputs inputs)
    {
        var once = Program.Map("once_name", inputs.Tokens, inputs.Histogram(), (token, count) => count == 1 && token != "." ? token : null);
        var isOnce = Program.Map("is_once", once, _ => 1);
        // Queried by the indices, for elsewhere "is_once" is None and would see nothing.
        return Program.Aggregate("io", Program.Select(isOnce, inputs.Indices, (_, _) => true), once);
    }
}
