using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Tasks;

public class TaskOptionsTests
{
    [Theory]
    [InlineData("unique_token_pattern:colour=3", "unique_token_pattern has no option 'colour'. It has: characters=26 (2-62), longest=10 (2-62), repetitions=2 (2-16), mask=true (true, false).")]
    [InlineData("unique_copy:n=3", "unique_copy has no option 'n'. It has none.")]
    [InlineData("bce_D3:depth=4", "bce_D3 has no option 'depth'. It has none.")]
    [InlineData("unique_token_pattern:longest=63", "longest should be a whole number from 2 to 62, but is '63'.")]
    [InlineData("unique_token_pattern:longest=2.5", "longest should be a whole number from 2 to 62, but is '2.5'.")]
    [InlineData("unique_token_pattern:longest=", "longest should be a whole number from 2 to 62, but is ''.")]
    [InlineData("unique_token_pattern:mask=yes", "mask should be true or false, but is 'yes'.")]
    [InlineData("unique_token_pattern:longest", "'longest' should be one option of unique_token_pattern as NAME=VALUE, given once.")]
    [InlineData("unique_token_pattern:longest=4,longest=5", "'longest=5' should be one option of unique_token_pattern as NAME=VALUE, given once.")]
    [InlineData("unique_copy:n", "'n' should be one option of unique_copy as NAME=VALUE, given once. It has none.")]
    public void Bad_option_is_refused_in_one_line(string name, string expected)
    {
        var message = Assert.Throws<ArgumentException>(() => TaskRegistry.Find(name)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("unique_token_pattern:longest=10,mask=true", "unique_token_pattern")]
    [InlineData("unique_token_pattern:mask=false,longest=8", "unique_token_pattern:longest=8,mask=false")]
    [InlineData("unique_ngram_pattern: n = 3 , longest = 12 ", "unique_ngram_pattern:n=3,longest=12")]
    [InlineData("unique_copy:", "unique_copy")]
    public void Name_has_the_options_that_differ_from_their_defaults_in_order(string asked, string name) =>
        Assert.Equal(name, TaskRegistry.Find(asked).Name);

    [Fact]
    public void Name_finds_the_same_task_again()
    {
        foreach (var asked in TaskTests.Names.Select(row => row.Data))
        {
            var task = TaskRegistry.Find(asked);
            var again = TaskRegistry.Find(task.Name);

            Assert.Equal((task.Name, task.Lengths, task.NCtx), (again.Name, again.Lengths, again.NCtx));
            Assert.Equal(task.Vocabulary.Tokens, again.Vocabulary.Tokens);
            Assert.Equal(task.Sample(task.Lengths.Max, new Random(5)).LossTargets, again.Sample(task.Lengths.Max, new Random(5)).LossTargets);
        }
    }

    [Fact]
    public void Options_of_a_family_are_listed_with_default_and_range()
    {
        Assert.Equal(["characters=26 (2-62)", "longest=10 (2-62)", "repetitions=2 (2-16)", "mask=true (true, false)"], TaskRegistry.All.Single(family => family.Name == "unique_token_pattern").Options);
        Assert.Empty(TaskRegistry.All.Single(family => family.Name == "unique_copy").Options);
    }
}
