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

    [Fact]
    public void Find_finds_every_task_and_lists_them_for_any_other_name()
    {
        foreach (var task in TaskRegistry.All)
            Assert.Same(task, TaskRegistry.Find(task.Name));
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
