using SubspaceCircuits.KnownCircuits.Rasp;
using static SubspaceCircuits.KnownCircuits.Catalogue.CatalogueEntry;
using static SubspaceCircuits.KnownCircuits.Catalogue.Vocabularies;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>Programs that count, by the width of a selector or by a mean of zeros and ones, and the sum of digits.</summary>
internal static class Counting
{
    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        Bidirectional("length", "how many tokens there are", new(3, 8), Letters, inputs => inputs.Length()),
        Bidirectional("hist", "how often each token occurs", new(3, 9), Letters, Histogram, interpBench: "7, 47, 78"),
        Bidirectional("double_hist", "how many tokens occur as often as this one", new(3, 6), Letters, DoubleHistogram),
        Bidirectional("count_a", "how often a occurs", new(3, 9), Letters, CountOfA, interpBench: "14"),
        Bidirectional("frac_prevs", "the share of a among the tokens so far", new(4, 4), Letters, inputs => ShareSoFar(inputs, "a"), interpBench: "3, 39"),
        Causal("frac_prevs_causal", "the same, by the mask of attention", new(4, 9), Letters, inputs => ShareOfSeen(inputs, "a")),
        Bidirectional("count_greater", "how many tokens are greater", new(6, 8), Numbers, CountGreater, interpBench: "44, 63"),
        Bidirectional("rank", "the rank of each token, from 1 for the least", new(6, 8), Numbers, Rank, interpBench: "61"),
        Bidirectional("freq_class", "whether the token is rare, common or frequent", new(5, 7), Letters, FrequencyClass, interpBench: "18, 25"),
        // All numbers of two digits.
        Bidirectional("sum_digits", "the sum of a number's two digits", new(29, 4), Numbers, SumOfDigits, ship: new(100, 16), interpBench: "40"),
    ];

    public static SequenceOperator Histogram(ProgramInputs inputs) => inputs.Histogram();

    public static SequenceOperator DoubleHistogram(ProgramInputs inputs)
    {
        var counts = inputs.Histogram();
        return Program.Width("double_hist", Program.Select(counts, counts, (key, query) => key == query));
    }

    public static SequenceOperator CountOfA(ProgramInputs inputs) => Program.Width("count_a", Program.SelectKey(inputs.Tokens, token => token == "a"));

    public static SequenceOperator ShareSoFar(ProgramInputs inputs, Value token) => Program.Aggregate("frac_prevs", inputs.SoFar, inputs.Is("is_x", token));

    /// <summary>Attention to all that the mask leaves: neither keys nor queries are read.</summary>
    public static SequenceOperator ShareOfSeen(ProgramInputs inputs, Value token) => Program.Aggregate("frac_prevs", inputs.Everywhere, inputs.Is("is_x", token));

    public static SequenceOperator CountGreater(ProgramInputs inputs) => Program.Width("n_greater", Program.Select(inputs.Tokens, inputs.Tokens, (key, query) => key > query));

    public static SequenceOperator Rank(ProgramInputs inputs) =>
        Program.Map("rank", Program.Width("n_less", Program.Select(inputs.Tokens, inputs.Tokens, (key, query) => key < query)), less => less.Number + 1);

    /// <summary>Rare up to a quarter of all tokens, frequent from more than half.</summary>
    public static SequenceOperator FrequencyClass(ProgramInputs inputs) => Program.Map("freq_class", inputs.Histogram(), inputs.Length(),
        (count, length) => 4 * count.Number <= length.Number ? "rare" : 2 * count.Number > length.Number ? "frequent" : "common");

    public static SequenceOperator SumOfDigits(ProgramInputs inputs)
    {
        var tens = Program.Map("tens", inputs.Tokens, number => (int)number.Number.Numerator / 10);
        var ones = Program.Map("ones", inputs.Tokens, number => (int)number.Number.Numerator % 10);
        return Program.Map("sum_digits", tens, ones, (a, b) => a.Number + b.Number);
    }
}
