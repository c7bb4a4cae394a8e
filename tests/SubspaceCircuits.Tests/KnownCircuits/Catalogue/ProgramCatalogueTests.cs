using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Catalogue;

public sealed class ProgramCatalogueTests
{
    private const int MostSequences = 1500;
    private const int Samples = 375;
    private const int ShipSamples = 48;
    private const int WidestResidual = 400;

    public static TheoryData<string> All => [.. ProgramCatalogue.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(All))]
    public void Program_computes_what_is_expected_of_it(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        var program = entry.Build(entry.Tested);
        var sets = ValueSets.Infer(program.Variables, program.Vocabulary, program.MaxLength);

        var defined = Sequences(program).Where(word => program.Sampler is null || Expected.IsDefined(id, word)).ToArray();

        Assert.NotEmpty(defined);
        Assert.All(defined, word => AssertComputes(program, sets, word));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Program_of_the_size_that_is_shipped_computes_the_same(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        var program = entry.Build(entry.Ship);
        var sets = ValueSets.Infer(program.Variables, program.Vocabulary, program.MaxLength);

        var words = Sampled(program, ShipSamples).ToArray();

        Assert.All(words, word => AssertComputes(program, sets, word));
        Assert.InRange(LayoutTests.Blocks(program, sets).Sum(block => block.Size), 0, WidestResidual);
        Assert.Equal((entry.Ship.Vocabulary, entry.Ship.MaxLength), (program.Vocabulary.Count, program.MaxLength));
    }

    /// <summary>Interchanges of inputs show nothing about a circuit whose answer is always the same.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Answers_vary_on_sampled_sequences(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        var program = entry.Build(entry.Ship);

        var runs = Sampled(program, 8 * ShipSamples).Select(word => program.Run(word)).ToArray();

        Assert.All(program.Outputs, output => Assert.True(runs.SelectMany(run => run[output]).GroupBy(value => value?.ToString()).Count(group => group.Count() >= 10) >= 2, output.Name));
    }

    [Theory]
    [InlineData("hist", "abac", "2 1 2 1")]
    [InlineData("hist", "a", "1")]
    [InlineData("reverse", "abcd", "d c b a")]
    [InlineData("sort", "2413", "1 2 3 4")]
    [InlineData("sort", "2412", "1 2 2 4")]
    [InlineData("sort_unique", "3102", "0 1 2 3")]
    [InlineData("shuffle_dyck1", "(a)", "T T T")]
    [InlineData("shuffle_dyck1", ")(", "F F")]
    [InlineData("shuffle_dyck2", "({)}", "T T T T")]
    [InlineData("shuffle_dyck2", "(){)}", "F F F F F")]
    [InlineData("pair_balance", "(()a", "1 1 1/3 1/4")]
    [InlineData("detect_ab", "aaba", "- F T F")]
    [InlineData("detect_abc", "abcabac", "- - T F F F F")]
    [InlineData("induction", "abcab", "- - - b c")]
    [InlineData("qk_induction", "abcab", "- b c a b")]
    [InlineData("trigram_induction", "abcab", "- - - - c")]
    [InlineData("most_freq", "abbca", "a b b a c")]
    [InlineData("max_element", "1402", "4 4 4 4")]
    [InlineData("freq_class", "aaaabbc", "frequent frequent frequent frequent common common rare")]
    [InlineData("rank", "3013", "3 1 2 3")]
    [InlineData("dedup_consecutive", "abba", "- b - a")]
    [InlineData("oscillation", "01023", "- T T F -")]
    [InlineData("check_increasing", "0133", "T T T T")]
    [InlineData("last_two_equal", "a", "-")]
    [InlineData("swap_first_last", "abcd", "d b c a")]
    [InlineData("toy_ioi", "AAB.", "B B B B")]
    [InlineData("toy_ioi", "BAA.", "B B B B")]
    public void Result_by_hand_is_found(string id, string text, string expected)
    {
        var entry = ProgramCatalogue.Find(id);
        var program = entry.Build(entry.Tested);

        var values = program.Run(Word(text))[program.Outputs[0]];

        Assert.Equal(expected, string.Join(" ", values.Select(value => value?.ToString() ?? "-")));
    }

    [Fact]
    public void Share_of_a_letter_among_the_letters_so_far_is_exact()
    {
        Value[] vocabulary = ["h", "e", "l", "o"];
        var share = Counting.ShareSoFar(new ProgramInputs(new Tokens(), new Indices(), vocabulary, 5), "l");

        var values = new KnownProgram("share", [share], vocabulary, 5, IsCausal: false).Run(Word("hello"))[share];

        Assert.Equal([0, 0, new Rational(1, 3), new Rational(1, 2), new Rational(2, 5)], values);
    }

    [Fact]
    public void Two_tokens_after_the_same_one_mean_nothing_to_induction()
    {
        var program = ProgramCatalogue.Find("induction").Build(new ProgramSize(3, 5));

        Assert.Throws<RaspException>(() => program.Run(Word("abaca")));
    }

    [Fact]
    public void Names_are_unique_and_an_unknown_one_is_answered_with_all()
    {
        Assert.Equal(42, ProgramCatalogue.Programs.Count);
        Assert.Equal(ProgramCatalogue.All.Count, ProgramCatalogue.All.Select(entry => entry.Id).Distinct().Count());
        Assert.StartsWith("There is no program 'histogram'. Known programs: copy, succ_map, ", Assert.Throws<ArgumentException>(() => ProgramCatalogue.Find("histogram")).Message);
    }

    [Theory]
    [InlineData("copy", 27, 8)]
    [InlineData("detect_abc", 2, 8)]
    [InlineData("shuffle_dyck2", 3, 8)]
    [InlineData("toy_ioi", 1, 8)]
    [InlineData("hist", 3, 0)]
    public void Size_that_a_program_cannot_have_is_refused(string id, int vocabulary, int maxLength) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ProgramCatalogue.Find(id).Build(new ProgramSize(vocabulary, maxLength)));

    [Fact]
    public void Programs_side_by_side_share_their_inputs_only()
    {
        foreach (var entry in ProgramCatalogue.Composites)
        {
            var program = entry.Build(entry.Tested);

            var shared = program.Outputs.SelectMany(output => Program.Ordered(output)).GroupBy(node => node).Where(group => group.Count() > 1).Select(group => group.Key);

            Assert.All(shared, node => Assert.True(node is Tokens or Indices, $"{entry.Id} shares {node}"));
            Assert.Single(program.Variables.OfType<Tokens>());
            Assert.Single(program.Variables.OfType<Indices>());
        }
    }

    /// <summary>The answer is the expected one, and no variable has a value that is not in its set.</summary>
    private static void AssertComputes(KnownProgram program, IReadOnlyDictionary<SequenceOperator, ValueSet> sets, IReadOnlyList<Value> word)
    {
        var values = program.Run(word);

        Assert.Equal(Expected.Of(program, word), program.Outputs.Select(output => values[output]));
        foreach (var (node, found) in values)
            Assert.All(found, value => Assert.True(value is null ? sets[node].IsNullable : sets[node].Values.Contains(value), $"{node} is {value?.ToString() ?? "None"}"));
    }

    /// <summary>All sequences where they are few, else samples.</summary>
    private static IEnumerable<IReadOnlyList<Value>> Sequences(KnownProgram program)
    {
        var count = Enumerable.Range(1, program.MaxLength).Sum(length => Math.Pow(program.Vocabulary.Count, length));
        return count > MostSequences ? Sampled(program, Samples) : Enumerable.Range(1, program.MaxLength).SelectMany(OfLength);

        IEnumerable<IReadOnlyList<Value>> OfLength(int length) => length == 0 ? [[]]
            : OfLength(length - 1).SelectMany(_ => program.Vocabulary, (start, token) => (IReadOnlyList<Value>)[.. start, token]);
    }

    private static IEnumerable<IReadOnlyList<Value>> Sampled(KnownProgram program, int count)
    {
        Random random = new(5);
        return Enumerable.Range(0, count).Select(sample => program.Sample(random, 1 + (sample % program.MaxLength)));
    }

    /// <summary>Digits are numbers, all else is text.</summary>
    private static Value[] Word(string text) => [.. text.Select(letter => char.IsDigit(letter) ? (Value)(letter - '0') : letter.ToString())];
}
