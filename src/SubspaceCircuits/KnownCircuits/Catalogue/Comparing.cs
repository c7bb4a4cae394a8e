using SubspaceCircuits.KnownCircuits.Rasp;
using static SubspaceCircuits.KnownCircuits.Catalogue.CatalogueEntry;
using static SubspaceCircuits.KnownCircuits.Catalogue.Vocabularies;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>Programs that compare tokens with a pattern, with their neighbours or with those opposite.</summary>
internal static class Comparing
{
    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        Causal("detect_ab", "whether ab ends here", new(2, 6), LettersFrom(2), inputs => Detect(inputs, "ab"), sampling: Samplers.Containing("ab")),
        Causal("detect_abc", "whether abc ends here", new(3, 9), LettersFrom(3), inputs => Detect(inputs, "abc"), sampling: Samplers.Containing("abc"), interpBench: "12"),
        Causal("rotation_identifier", "whether the token is the same as two before", new(5, 8), Letters, SameAsTwoBefore, interpBench: "1"),
        Bidirectional("trend", "1 where the next number is greater, -1 where it is less", new(3, 8), Numbers, Trend, interpBench: "13"),
        Bidirectional("oscillation", "whether rise and fall change here", new(4, 6), Numbers, Oscillation, interpBench: "6"),
        Bidirectional("alternation", "whether the token differs from both neighbours", new(3, 6), Letters, Alternation, interpBench: "38"),
        Bidirectional("palindrome", "whether the token is the same as the one opposite", new(3, 6), Letters, Palindrome, sampling: Samplers.OftenMirrored, interpBench: "17"),
        Bidirectional("check_increasing", "whether no number is less than the one before", new(4, 6), Numbers, IsIncreasing, sampling: Samplers.OftenAscending, interpBench: "89, 94"),
        Bidirectional("last_two_equal", "whether the last two tokens are the same", new(4, 6), Letters, LastTwoAreEqual, sampling: Samplers.OftenRepeatedLast, interpBench: "109, 117"),
    ];

    /// <summary>Whether the pattern ends at a position; None where it would begin before the start.</summary>
    public static SequenceOperator Detect(ProgramInputs inputs, string pattern) => pattern.Select((letter, place) =>
    {
        var offset = pattern.Length - 1 - place;
        var isLetter = Program.Map($"is_{letter}_{offset}", inputs.Tokens, token => token == letter.ToString());
        return offset == 0 ? isLetter : inputs.Shift($"is_{letter}_sh{offset}", isLetter, offset);
    }).Aggregate((a, b) => ProgramInputs.And("and", a, b));

    public static SequenceOperator SameAsTwoBefore(ProgramInputs inputs) =>
        Program.Map("rot_id", inputs.Tokens, inputs.Shift("prev2", inputs.Tokens, 2), (a, b) => a == b);

    public static SequenceOperator Trend(ProgramInputs inputs) =>
        Program.Map("trend", inputs.Tokens, inputs.Shift("next", inputs.Tokens, -1), (here, next) => Math.Sign(next.CompareTo(here)));

    /// <summary>None at both ends.</summary>
    public static SequenceOperator Oscillation(ProgramInputs inputs)
    {
        var rose = Program.Map("up1", inputs.Shift("prev", inputs.Tokens, 1), inputs.Tokens, (a, b) => b > a);
        var rises = Program.Map("up2", inputs.Tokens, inputs.Shift("next", inputs.Tokens, -1), (a, b) => b > a);
        return Program.Map("osc", rose, rises, (a, b) => a.IsTrue != b.IsTrue);
    }

    /// <summary>None at both ends.</summary>
    public static SequenceOperator Alternation(ProgramInputs inputs)
    {
        var changed = Program.Map("ne1", inputs.Shift("prev", inputs.Tokens, 1), inputs.Tokens, (a, b) => a != b);
        var changes = Program.Map("ne2", inputs.Tokens, inputs.Shift("next", inputs.Tokens, -1), (a, b) => a != b);
        return ProgramInputs.And("alt", changed, changes);
    }

    public static SequenceOperator Palindrome(ProgramInputs inputs) => Program.Map("palin", inputs.Tokens, Ordering.Reverse(inputs), (a, b) => a == b);

    public static SequenceOperator IsIncreasing(ProgramInputs inputs)
    {
        var isOk = Program.Map("ok", inputs.Shift("prev", inputs.Tokens, 1), inputs.Tokens, (a, b) => a <= b);
        // Queried by the indices, for the first "ok" is None and would see nothing.
        var bad = Program.Width("n_bad", Program.Select(isOk, inputs.Indices, (key, _) => !key.IsTrue));
        return Program.Map("increasing", bad, count => count == 0);
    }

    /// <summary>None where there is one token.</summary>
    public static SequenceOperator LastTwoAreEqual(ProgramInputs inputs)
    {
        var length = inputs.Length();
        var last = inputs.At("v_last", ProgramInputs.FromEnd("last", length, 1), inputs.Tokens);
        var lastButOne = inputs.At("v_last2", ProgramInputs.FromEnd("last2", length, 2), inputs.Tokens);
        return Program.Map("eq_last_two", last, lastButOne, (a, b) => a == b);
    }
}
