using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Catalogue;

public sealed class SamplersTests
{
    private const int Seeds = 50;

    public static TheoryData<string> Sampled => [.. ProgramCatalogue.All.Where(entry => entry.Build(entry.Tested).Sampler is not null).Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Sampled))]
    public void Sampled_sequences_are_defined_at_every_length(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        foreach (var program in new[] { entry.Build(entry.Tested), entry.Build(entry.Ship) })
        {
            for (var seed = 0; seed < Seeds; seed++)
            {
                for (var length = 1; length <= program.MaxLength; length++)
                {
                    var word = program.Sample(new Random(seed), length);

                    Assert.Equal(length, word.Count);
                    Assert.Subset(program.Vocabulary.ToHashSet(), word.ToHashSet());
                    Assert.True(Expected.IsDefined(id, word), string.Join(" ", word));
                    program.Run(word);
                }
            }
        }
    }

    [Fact]
    public void Induction_is_asked_for_words_with_and_without_a_repetition()
    {
        var program = ProgramCatalogue.Find("induction").Build(new ProgramSize(3, 3));

        var words = Words(program, 3);

        // All but aab, in which a has two successors.
        Assert.Equal(["aaa", "aba", "abb", "abc"], words.Select(Renamed).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_pair_of_neighbours_has_one_successor_but_a_token_may_have_two()
    {
        var words = Words(ProgramCatalogue.Find("trigram_induction").Build(new ProgramSize(3, 9)), 9);

        Assert.Contains(words, word => !Expected.IsDefined("induction", word));
        Assert.All(words, word => Assert.True(Expected.IsDefined("trigram_induction", word)));
    }

    [Fact]
    public void Too_many_different_tokens_are_repeated_in_turn()
    {
        var program = ProgramCatalogue.Find("sort_unique").Build(new ProgramSize(2, 5));

        Assert.Equal(["01010", "10101"], Words(program, 5).Select(word => string.Concat(word)).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Brackets_are_balanced_in_a_third_of_the_words_and_more()
    {
        var program = ProgramCatalogue.Find("shuffle_dyck2").Build(new ProgramSize(4, 8));

        var balanced = Words(program, 8, count: 300).Count(word => Expected.Of(program, word)[0][0]!.IsTrue);

        Assert.InRange(balanced, 75, 150);
    }

    [Fact]
    public void The_shortest_sentences_have_a_name_that_occurs_once()
    {
        var program = ProgramCatalogue.Find("toy_ioi").Build(new ProgramSize(3, 3));

        Assert.Equal(["A", "B"], Words(program, 1).Select(word => string.Concat(word)).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal([".A", ".B", "A.", "B."], Words(program, 2).Select(word => string.Concat(word)).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["AAB", "ABA", "ABB", "BAA", "BAB", "BBA"], Words(program, 3).Select(word => string.Concat(word)).Distinct().Order(StringComparer.Ordinal));
    }

    private static IReadOnlyList<Value>[] Words(KnownProgram program, int length, int count = 200)
    {
        Random random = new(9);
        return [.. Enumerable.Range(0, count).Select(_ => program.Sample(random, length))];
    }

    /// <summary>The same word with a for the first different letter, b for the next.</summary>
    private static string Renamed(IReadOnlyList<Value> word)
    {
        var letters = word.Distinct().ToList();
        return string.Concat(word.Select(letter => (char)('a' + letters.IndexOf(letter))));
    }
}
