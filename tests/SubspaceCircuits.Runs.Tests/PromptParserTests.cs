using CsCheck;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class PromptParserTests
{
    private static readonly ITask Characters = TinyModel.Task, Numbers = TaskRegistry.Find("unique_copy");

    [Theory]
    [InlineData("unique_token_pattern", true)]
    [InlineData("unique_token_pattern", false)]
    [InlineData("unique_copy", false)]
    public void Tokens_written_and_read_again_are_the_same(string name, bool isUnseparated)
    {
        var task = TaskRegistry.Find(name);
        var parser = Parser(task);
        var separator = isUnseparated ? Gen.Const("") : Gen.Int[0, 3].Select(kind => new[] { " ", "  ", "\t", "\n" }[kind]);

        Gen.Select(Gen.Int[0, task.Vocabulary.Tokens.Count - 1].Array[0, 20], separator, Gen.Bool).Sample((tokens, between, hasBos) =>
        {
            int[] expected = [task.Vocabulary.Bos, .. tokens.SkipWhile(token => token == task.Vocabulary.Bos)];
            var written = hasBos || expected.Length == 1 ? expected : expected[1..];

            var prompt = parser.Parse(string.Join(between, written.Select(token => task.Vocabulary.Tokens[token])));

            Assert.Equal(expected, prompt.Sample.Tokens);
        });
    }

    [Fact]
    public void Words_of_characters_and_specials_may_be_mixed()
    {
        var tokens = Parser(Characters).Parse("  ab <sep>c d<eos> ").Sample.Tokens;

        Assert.Equal(["<bos>", "a", "b", "<sep>", "c", "d", "<eos>"], tokens.Select(token => Characters.Vocabulary.Tokens[token]));
    }

    [Fact]
    public void Nothing_is_scored_in_a_prompt_that_was_written()
    {
        var prompt = Parser(Numbers).Parse("3 4 <sep> 3 4");

        Assert.Equal("3 4 <sep> 3 4", prompt.Name);
        Assert.DoesNotContain(Enumerable.Range(0, 6), prompt.Sample.IsScored);
    }

    [Fact]
    public void Long_prompts_are_named_by_their_beginning()
    {
        var name = Parser(Numbers).Parse(string.Join(' ', Enumerable.Range(0, 90))).Name;

        Assert.Equal(40, name.Length);
        Assert.StartsWith("0 1 2 3 ", name, StringComparison.Ordinal);
        Assert.EndsWith("…", name, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_taken_as_they_are_where_no_task_is_known()
    {
        Assert.Equal([12, 0, 29], Parser(null).Parse("12 0  29").Sample.Tokens);
        Assert.Equal("29", PromptParser.Show(null, 29));
        Assert.Equal("#155", PromptParser.Show(Numbers, 155));
    }

    [Theory]
    [InlineData("unique_copy", "", "is empty")]
    [InlineData("unique_copy", " \t ", "is empty")]
    [InlineData("unique_copy", "3 150", "'150'")]
    [InlineData("unique_copy", "3,4", "'3,4'")]
    [InlineData("unique_copy", "<bos> <sop>", "'<sop>'")]
    [InlineData("unique_token_pattern", "abc1", "'1'")]
    [InlineData("unique_token_pattern", "ab<c", "'<'")]
    [InlineData("unique_token_pattern", "ab<>c", "'<>'")]
    [InlineData(null, "", "is empty")]
    [InlineData(null, "12 30", "'30'")]
    [InlineData(null, "12 -3", "'-3'")]
    [InlineData(null, "12 a", "'a'")]
    [InlineData(null, "99999999999999", "'99999999999999'")]
    public void What_is_no_prompt_is_refused_in_one_line_that_names_it(string? task, string text, string named)
    {
        var message = Assert.Throws<FormatException>(() => Parser(task is null ? null : TaskRegistry.Find(task)).Parse(text)).Message;

        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Contains("Expected", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Prompt_may_fill_the_context_and_no_more()
    {
        var parser = new PromptParser(Config(21), Characters);

        Assert.Equal(21, parser.Parse(new string('a', 20)).Sample.Tokens.Length);
        Assert.Contains("22 tokens, <bos> included, but the model has 21 positions", Assert.Throws<FormatException>(() => parser.Parse(new string('a', 21))).Message, StringComparison.Ordinal);
    }

    private static PromptParser Parser(ITask? task) => new(Config(302), task);

    private static ModelConfig Config(int nCtx) => new() { NLayers = 1, NHeads = 1, DModel = 8, DHead = 8, DVocab = 30, NCtx = nCtx };
}
