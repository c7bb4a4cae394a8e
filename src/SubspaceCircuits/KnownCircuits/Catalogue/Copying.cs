using SubspaceCircuits.KnownCircuits.Rasp;
using static SubspaceCircuits.KnownCircuits.Catalogue.CatalogueEntry;
using static SubspaceCircuits.KnownCircuits.Catalogue.Vocabularies;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>Programs that move tokens: shifts, and the inductions made of them.</summary>
internal static class Copying
{
    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        Bidirectional("copy", "the token", new(11, 8), Letters, Copy, interpBench: "8"),
        Bidirectional("succ_map", "the next number, round", new(5, 6), Numbers, Successor, interpBench: "46, 60, 75 (similar)"),
        Causal("prev_token", "the token before", new(4, 8), Letters, PreviousToken),
        Bidirectional("next_token", "the token after", new(4, 6), Letters, NextToken),
        Causal("induction", "what followed this token before", new(8, 16), Letters, Induction, sampling: Samplers.OneSuccessor),
        Causal("unique_bigram_copy", "what followed this token before, where a pattern is repeated", new(26, 32), Letters, Induction, ship: new(26, 32), sampling: Samplers.Repeated),
        Causal("qk_induction", "what follows the token before, wherever that occurs", new(6, 12), Letters, QueryKeyInduction, sampling: Samplers.OneSuccessor),
        // Both pairs have a direction for each value: 12 letters make d_model 353, 26 would make it 1473.
        Causal("trigram_induction", "what followed this token and the one before", new(3, 9), Letters, TrigramInduction, ship: new(12, 16), sampling: Samplers.OneSuccessorOfPairs),
        Causal("first_token", "the first token", new(10, 8), Letters, FirstToken, interpBench: "42"),
        Causal("identity_attn", "the token, by attention", new(3, 8), Letters, IdentityByAttention, interpBench: "24"),
    ];

    public static SequenceOperator Copy(ProgramInputs inputs) => Program.Map("identity", inputs.Tokens, token => token);

    public static SequenceOperator Successor(ProgramInputs inputs) =>
        Program.Map("succ", inputs.Tokens, token => token.Number + 1 == inputs.Vocabulary.Count ? 0 : token.Number + 1);

    public static SequenceOperator PreviousToken(ProgramInputs inputs) => inputs.Shift("prev_tok", inputs.Tokens, 1);

    public static SequenceOperator NextToken(ProgramInputs inputs) => inputs.Shift("next_tok", inputs.Tokens, -1);

    public static SequenceOperator Induction(ProgramInputs inputs) =>
        Program.Aggregate("pred", Program.Select(PreviousToken(inputs), inputs.Tokens, (key, query) => key == query), inputs.Tokens);

    /// <summary>Both sides of the second head read what the first layer moved.</summary>
    public static SequenceOperator QueryKeyInduction(ProgramInputs inputs) =>
        Program.Aggregate("pred", Program.Select(PreviousToken(inputs), inputs.Shift("prev_tok2", inputs.Tokens, 1), (key, query) => key == query), inputs.Tokens);

    public static SequenceOperator TrigramInduction(ProgramInputs inputs)
    {
        var twoBefore = inputs.Shift("prev2", inputs.Tokens, 2);
        var before = inputs.Shift("prev1", inputs.Tokens, 1);
        var keys = Program.Map("key_bigram", twoBefore, before, Value.Pair);
        var queries = Program.Map("query_bigram", before, inputs.Tokens, Value.Pair);
        return Program.Aggregate("pred", Program.Select(keys, queries, (key, query) => key == query), inputs.Tokens);
    }

    public static SequenceOperator FirstToken(ProgramInputs inputs) => Program.Aggregate("first", Program.SelectKey(inputs.Indices, index => index == 0), inputs.Tokens);

    public static SequenceOperator IdentityByAttention(ProgramInputs inputs) => inputs.At("identity", inputs.Indices, inputs.Tokens);
}
