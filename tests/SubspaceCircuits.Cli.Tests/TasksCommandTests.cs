using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests;

public sealed class TasksCommandTests
{
    [Fact]
    public void List_has_every_task()
    {
        var table = Subspace.Run("tasks", "list");
        var json = Subspace.Run("tasks", "list", "--json").Json.GetProperty("tasks").EnumerateArray().ToList();

        Assert.Equal(TaskRegistry.All.Select(family => family.Name), json.Select(task => task.GetProperty("name").GetString()!));
        foreach (var family in TaskRegistry.All)
            Assert.Matches($@"(?m)^\s*{family.Name} .*{System.Text.RegularExpressions.Regex.Escape(family.Summary)}.* {family.Default.NCtx} ", table.Out);
        Assert.DoesNotContain('\u001b', table.Out);
        var sort = json.Single(task => task.GetProperty("name").GetString() == "sort");
        Assert.Equal((154, 1, 150, 303, "token", 0), (sort.GetProperty("tokens").GetInt32(), sort.GetProperty("lengths").GetProperty("from").GetInt32(),
            sort.GetProperty("lengths").GetProperty("to").GetInt32(), sort.GetProperty("n_ctx").GetInt32(), sort.GetProperty("scoring").GetString(), sort.GetProperty("options").GetArrayLength()));
    }

    [Fact]
    public void Show_brackets_what_must_be_predicted()
    {
        var found = Subspace.Run("tasks", "show", "unique_token_pattern", "--length", "3", "--samples", "2");

        Assert.Equal(0, found.Status);
        var lines = found.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.All(lines[1..], line => Assert.Matches(@"^<bos> (\w) (\w) (\w) \1 \[\2\] \[\3\]$", line));
    }

    [Fact]
    public void Show_prints_the_sets_of_a_language()
    {
        var found = Subspace.Run("tasks", "show", "bce_tomita2", "--lengths", "4-4", "--samples", "1");

        Assert.Contains("<bos>{1 <eos>} 1{0} 0{1 <eos>} 1{0} 0{1 <eos>} <eos>\n", found.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("count", "token", false)]
    [InlineData("bce_D3", "set", true)]
    public void Show_prints_the_documented_fields(string name, string scoring, bool hasSets)
    {
        var json = Subspace.Run("tasks", "show", name, "--json", "--samples", "4", "--seed", "7").Json;

        Assert.Equal((name, scoring, 4), (json.GetProperty("task").GetString(), json.GetProperty("scoring").GetString(), json.GetProperty("samples").GetArrayLength()));
        foreach (var sample in json.GetProperty("samples").EnumerateArray())
        {
            Assert.Equal(sample.GetProperty("tokens").GetArrayLength(), sample.GetProperty("targets").GetArrayLength());
            Assert.InRange(sample.GetProperty("max_offset").GetInt32(), 0, 150);
            Assert.Equal(hasSets, sample.GetProperty("next_sets").ValueKind == System.Text.Json.JsonValueKind.Array);
        }
    }
}
