using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Tasks;

public class TaskRegistryTests
{
    [Theory]
    [InlineData("unique_copy-@2l1h64d3lr01drop", "unique_copy")]
    [InlineData("unique_copy-#2l1h64d3lr01drop", "unique_copy")]
    [InlineData("unique_copy-%2l1h64d3lr01drop", "unique_copy")]
    [InlineData("unique_copy-^2l1h64d3lr01drop-1400", "unique_copy")]
    [InlineData("unique_reverse-@2l1h64d3lr01drop", "unique_reverse")]
    [InlineData("unique_token_pattern-@1l", "unique_token_pattern")]
    [InlineData("sorting_by_colour-@2l1h", null)]
    [InlineData("unique_copy", null)]
    [InlineData("unique_copy-", null)]
    [InlineData("unique_copy-2l1h", null)]
    [InlineData("unique_copy-copy-@2l", null)]
    [InlineData("my-unique_copy-@2l", null)]
    [InlineData("Unique_copy-@2l", null)]
    [InlineData("-@2l", null)]
    [InlineData("", null)]
    public void FromModelName_reads_what_stands_before_the_mark(string name, string? task) =>
        Assert.Equal(task, TaskRegistry.FromModelName(name)?.Name);

    // Every saved model of decompiling-transformers, with the sizes of its embeddings (vocabulary, positions).
    [Theory]
    [InlineData("addition", 7, 302, "@4l2h64d3lr00drop")]
    [InlineData("bce_012_0_2", 7, 152, "@1l1h64d4lr00drop")]
    [InlineData("bce_D12", 6, 152, "@4l2h256d3lr00drop")]
    [InlineData("bce_D2", 6, 152, "@1l1h16d3lr00drop")]
    [InlineData("bce_D3", 6, 152, "@1l1h16d4lr00drop")]
    [InlineData("bce_D4", 6, 152, "@1l2h256d4lr00drop")]
    [InlineData("bce_aaaastar", 5, 152, "@2l1h64d4lr01drop")]
    [InlineData("bce_aastar", 5, 152, "@1l2h16d3lr01drop")]
    [InlineData("bce_ab_d_bc", 8, 152, "@1l1h16d3lr01drop")]
    [InlineData("bce_ababstar", 6, 152, "@1l1h64d3lr00drop")]
    [InlineData("bce_abcde", 9, 152, "@1l1h16d3lr00drop")]
    [InlineData("bce_tomita1", 6, 152, "@1l1h16d3lr00drop")]
    [InlineData("bce_tomita2", 6, 152, "@1l1h16d3lr00drop")]
    [InlineData("bce_tomita3", 6, 152, "@4l4h64d3lr00drop")]
    [InlineData("bce_tomita4", 6, 152, "@2l2h16d3lr01drop")]
    [InlineData("bce_tomita5", 6, 152, "@2l1h64d3lr00drop")]
    [InlineData("bce_tomita6", 6, 152, "@2l2h256d4lr00drop")]
    [InlineData("bce_tomita7", 6, 152, "@2l1h16d3lr01drop")]
    [InlineData("bin_majority", 6, 154, "@1l1h16d3lr01drop")]
    [InlineData("bin_majority_interleave", 6, 156, "#2l2h64d4lr00drop", "%4l1h64d3lr01drop", "@2l2h16d3lr00drop")]
    [InlineData("count", 154, 155, "#1l4h256d3lr01drop", "%2l4h256d4lr01drop", "@1l4h256d4lr01drop")]
    [InlineData("majority", 30, 154, "@1l4h256d3lr01drop", "@4l4h256d3lr00drop")]
    [InlineData("parity", 6, 154, "@4l4h256d4lr00drop")]
    [InlineData("repeat_copy", 6, 303, "@4l4h256d3lr00drop")]
    [InlineData("sort", 154, 303, "@1l1h256d3lr01drop")]
    [InlineData("unique_bigram_copy", 20, 303, "#4l2h64d3lr00drop", "@2l4h256d3lr01drop", "^2l4h256d3lr01drop-500", "^2l4h256d3lr01drop-700", "^2l4h256d3lr01drop-1400", "^2l4h256d3lr01drop-1900", "^2l4h256d3lr01drop-2100", "^2l4h256d3lr01drop-2200", "^2l4h256d3lr01drop-3300")]
    [InlineData("unique_copy", 154, 303, "#4l4h256d4lr00drop", "@2l1h64d3lr01drop", "^2l1h64d3lr01drop-1100", "^2l1h64d3lr01drop-1200", "^2l1h64d3lr01drop-1300", "^2l1h64d3lr01drop-1400")]
    [InlineData("unique_reverse", 154, 303, "#2l4h256d4lr01drop", "%4l1h256d4lr01drop", "@2l1h64d3lr01drop")]
    public void Every_published_model_names_a_task_that_fits_its_embeddings(string task, int vocabulary, int positions, params string[] marks)
    {
        foreach (var mark in marks)
        {
            var found = TaskRegistry.FromModelName($"{task}-{mark}");

            Assert.Equal(task, found?.Name);
            Assert.Equal((vocabulary, positions), (found!.Vocabulary.Tokens.Count, found.NCtx));
        }
    }

    [Fact]
    public void Find_finds_every_task_and_lists_them_for_any_other_name()
    {
        foreach (var family in TaskRegistry.All)
        {
            Assert.Equal(family.Name, TaskRegistry.Find(family.Name).Name);
            Assert.Matches("^[^\n.]{4,80}$", family.Summary);
        }

        Assert.Distinct(TaskRegistry.All.Select(family => family.Name));
        var error = Assert.Throws<ArgumentException>(() => TaskRegistry.Find("unique"));
        Assert.Contains("There is no task 'unique'. Known tasks: unique_copy, ", error.Message, StringComparison.Ordinal);
    }

    // The published models fix these ids: their embeddings have 154 rows.
    [Theory]
    [InlineData("unique_copy")]
    [InlineData("unique_reverse")]
    public void Numbers_have_their_own_ids_and_the_specials_follow(string name)
    {
        var vocabulary = TaskRegistry.Find(name).Vocabulary;

        Assert.Equal(Enumerable.Range(0, 150), Enumerable.Range(0, 150).Select(number => vocabulary[$"{number}"]));
        Assert.Equal((150, 151, 152, 153), (vocabulary.Bos, vocabulary["<sep>"], vocabulary["<eos>"], vocabulary.Pad));
        Assert.Equal((154, 150), (vocabulary.Tokens.Count, vocabulary.TaskTokens));
    }

    [Fact]
    public void Vocabulary_refuses_unknown_and_repeated_tokens()
    {
        Assert.Contains("has no 'z'", Assert.Throws<ArgumentException>(() => Vocabulary.WithSpecials(["a"])["z"]).Message, StringComparison.Ordinal);
        Assert.Contains("'a' stands in the vocabulary twice, at 0 and at 1", Assert.Throws<ArgumentException>(() => Vocabulary.WithSpecials(["a", "a"])).Message, StringComparison.Ordinal);
        Assert.Contains("has no '<pad>'", Assert.Throws<ArgumentException>(() => new Vocabulary(["a", "<bos>"])).Message, StringComparison.Ordinal);
    }
}
