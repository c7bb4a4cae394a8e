using static SubspaceCircuits.KnownCircuits.Catalogue.Vocabularies;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>
/// Programs whose transformers have known circuits. Most are textbook programs of RASP (Weiss, Goldberg and Yahav 2021) or cases of InterpBench
/// (Gupta et al. 2024).
/// </summary>
public static class ProgramCatalogue
{
    /// <summary>Programs with one output.</summary>
    public static IReadOnlyList<CatalogueEntry> Programs { get; } =
        [.. Copying.Entries, .. Counting.Entries, .. Ordering.Entries, .. Brackets.Entries, .. Comparing.Entries, .. Duplicates.Entries];

    /// <summary>Several programs side by side in one transformer: they share tokens and indices, and nothing else.</summary>
    public static IReadOnlyList<CatalogueEntry> Composites { get; } =
    [
        CatalogueEntry.Of("induction+hist+first_token", "three causal programs; counts are of the tokens so far", new(6, 8), Letters, isCausal: true,
            inputs => [Copying.Induction(inputs), Counting.Histogram(inputs), Copying.FirstToken(inputs)], sampling: Samplers.OneSuccessor),
        // Sorts brackets before letters; 16 tokens make d_model 360.
        CatalogueEntry.Of("sort+dedup_consecutive+pair_balance", "three programs that see all positions", new(5, 6), Vocabularies.Brackets("()"), isCausal: false,
            inputs => [Ordering.Sort(inputs), Duplicates.Changes(inputs), Brackets.PairBalance(inputs)], ship: new(16, 16)),
        CatalogueEntry.Of("interpbench_causal", "the causal cases of InterpBench that need attention", new(4, 8), LettersFrom(3), isCausal: true,
            inputs => [Copying.FirstToken(inputs), Copying.IdentityByAttention(inputs), Comparing.Detect(inputs, "abc"), Comparing.SameAsTwoBefore(inputs), Duplicates.FirstOccurrences(inputs), Duplicates.Changes(inputs)],
            sampling: Samplers.Containing("abc"), interpBench: "1, 12, 19, 24, 32, 42, 96 (similar)"),
    ];

    /// <summary>All of them, in the order in which they are listed.</summary>
    public static IReadOnlyList<CatalogueEntry> All { get; } = [.. Programs, .. Composites];

    /// <summary>A program by name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static CatalogueEntry Find(string id) => All.FirstOrDefault(entry => entry.Id == id)
        ?? throw new ArgumentException($"There is no program '{id}'. Known programs: {string.Join(", ", All.Select(entry => entry.Id))}.");
}
