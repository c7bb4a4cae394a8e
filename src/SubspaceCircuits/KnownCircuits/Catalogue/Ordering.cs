using SubspaceCircuits.KnownCircuits.Rasp;
using static SubspaceCircuits.KnownCircuits.Catalogue.CatalogueEntry;
using static SubspaceCircuits.KnownCircuits.Catalogue.Vocabularies;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>Programs that put tokens into another order, by position or by value.</summary>
internal static class Ordering
{
    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        Bidirectional("reverse", "the tokens from the end", new(4, 6), Letters, Reverse, interpBench: "2"),
        Bidirectional("swap_first_last", "the tokens, first and last exchanged", new(4, 6), Letters, SwapFirstAndLast, interpBench: "100, 103, 128"),
        Bidirectional("sort_unique", "different tokens in ascending order", new(8, 8), Numbers, SortUnique, sampling: Samplers.Distinct),
        // A key has a direction for each token at each index: 20 tokens make d_model 395.
        Bidirectional("sort", "the tokens in ascending order", new(10, 9), Numbers, Sort, ship: new(20, 16), interpBench: "9, 59"),
        Bidirectional("most_freq", "the tokens, most frequent first", new(4, 5), Letters, MostFrequentFirst),
        // As in sort, but one count more: 19 tokens make d_model 394.
        Bidirectional("max_element", "the greatest token", new(5, 6), Numbers, Greatest, ship: new(19, 16), interpBench: "97, 98"),
    ];

    public static SequenceOperator Reverse(ProgramInputs inputs)
    {
        var opposite = Program.Map("opp_idx", inputs.Length(), inputs.Indices, (length, index) => index.Number < length.Number ? length.Number - index.Number - 1 : null);
        return inputs.At("reverse", opposite, inputs.Tokens);
    }

    public static SequenceOperator SwapFirstAndLast(ProgramInputs inputs)
    {
        var target = Program.Map("target", inputs.Indices, inputs.Length(), (index, length) =>
            length == 0 ? null : index == 0 ? length.Number - 1 : index.Number == length.Number - 1 ? 0 : index.Number);
        return inputs.At("swapped", target, inputs.Tokens);
    }

    public static SequenceOperator SortUnique(ProgramInputs inputs) => InOrderOf(inputs, inputs.Tokens);

    public static SequenceOperator Sort(ProgramInputs inputs) => InOrderOf(inputs, inputs.Placed("uniq_keys"));

    /// <summary>Tokens that occur equally often stay in their order.</summary>
    public static SequenceOperator MostFrequentFirst(ProgramInputs inputs) =>
        InOrderOf(inputs, Program.Map("neg_hist_idx", inputs.Histogram(), inputs.Indices, (count, index) => Value.Pair(-count.Number, index)));

    public static SequenceOperator Greatest(ProgramInputs inputs)
    {
        var keys = inputs.Placed("uniq");
        var notGreater = Program.Width("leq_count", Program.Select(keys, keys, (key, query) => key <= query));
        return Program.Aggregate("max", Program.Select(notGreater, inputs.Length(), (key, query) => key == query), inputs.Tokens);
    }

    /// <summary>The tokens, those with smaller keys first: each goes where as many keys are smaller.</summary>
    private static SequenceOperator InOrderOf(ProgramInputs inputs, SequenceOperator keys)
    {
        var target = Program.Width("target_pos", Program.Select(keys, keys, (key, query) => key < query));
        return Program.Aggregate("sorted", Program.Select(target, inputs.Indices, (key, query) => key == query), inputs.Tokens);
    }
}
