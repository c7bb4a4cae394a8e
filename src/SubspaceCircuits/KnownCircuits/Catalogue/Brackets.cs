using SubspaceCircuits.KnownCircuits.Rasp;
using static SubspaceCircuits.KnownCircuits.Catalogue.CatalogueEntry;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>Programs that match brackets by counting them.</summary>
internal static class Brackets
{
    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        Bidirectional("pair_balance", "opening minus closing brackets, as a share of the tokens so far", new(5, 9), Vocabularies.Brackets("()"), PairBalance, interpBench: "4"),
        Bidirectional("shuffle_dyck1", "whether the brackets are balanced", new(3, 8), Vocabularies.Brackets("()"), inputs => ShuffleDyck(inputs, "()"),
            ship: new(3, 16), sampling: Samplers.Balanced(1)),
        Bidirectional("shuffle_dyck2", "whether the brackets of each kind are balanced", new(5, 6), Vocabularies.Brackets("()", "{}"), inputs => ShuffleDyck(inputs, "()", "{}"),
            ship: new(5, 16), sampling: Samplers.Balanced(2), interpBench: "5"),
    ];

    public static SequenceOperator PairBalance(ProgramInputs inputs) => Balance(inputs, "()", "");

    /// <summary>Brackets of each kind are balanced, whatever lies between them: nowhere more have been closed than opened, and as many in the end.</summary>
    public static SequenceOperator ShuffleDyck(ProgramInputs inputs, params IReadOnlyList<string> pairs)
    {
        SequenceOperator[] balances = [.. pairs.Select(pair => Balance(inputs, pair, $"_{pair}"))];
        var isZero = balances.Select(balance => Program.Map("zero", balance, value => value.Number == 0)).Aggregate((a, b) => ProgramInputs.And("all_zero", a, b));
        var isNegative = balances.Select(balance => Program.Map("neg", balance, value => value.Number < 0))
            .Aggregate((a, b) => Program.Map("any_neg", a, b, (x, y) => x.IsTrue || y.IsTrue));

        var endsAtZero = inputs.At("last_zero", ProgramInputs.FromEnd("last_idx", inputs.Length(), 1), isZero);
        var negatives = Program.Aggregate("has_neg", inputs.Everywhere, Program.Map("neg_num", isNegative, value => value.IsTrue ? 1 : 0, Encoding.Numerical));
        return ProgramInputs.And("dyck", endsAtZero, Program.Map("not_has_neg", negatives, share => share.Number == 0));
    }

    private static SequenceOperator Balance(ProgramInputs inputs, string pair, string suffix)
    {
        var opens = Program.Aggregate($"opens{suffix}", inputs.SoFar, inputs.Is($"is_{pair[0]}", pair[0].ToString()));
        var closes = Program.Aggregate($"closes{suffix}", inputs.SoFar, inputs.Is($"is_{pair[1]}", pair[1].ToString()));
        return Program.Linear($"balance{suffix}", opens, 1, closes, -1, SignedShares(inputs.MaxLength));
    }

    /// <summary><c>k/n</c> for k from -n to n: both shares are of the same n.</summary>
    private static Value[] SignedShares(int maxLength) =>
        [.. Enumerable.Range(1, maxLength).SelectMany(n => Enumerable.Range(-n, (2 * n) + 1).Select(k => (Value)new Rational(k, n))).Distinct()];
}
