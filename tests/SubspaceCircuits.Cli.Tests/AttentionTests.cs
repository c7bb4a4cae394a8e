using System.Text.Json;

namespace SubspaceCircuits.Tests;

public sealed class AttentionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public AttentionTests() => _model = TinyModel.Write(_folder["model"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_prompts_three_samples_are_shown_and_the_first_is_the_example()
    {
        var found = Subspace.Run("attention", _model, "--out", _folder["out"], "--json");

        Assert.True(found.Status == 0, found.Error);
        Assert.Equal(4, found.Json.GetProperty("heads").GetArrayLength());
        var prompts = found.Json.GetProperty("prompts").EnumerateArray().ToArray();
        Assert.Equal(3, prompts.Length);
        Assert.True(JsonElement.DeepEquals(prompts[0], found.Json.GetProperty("example")));
        Assert.Equal(["attention-a0.0.png", "attention-a0.0.svg", "attention-a0.1.png", "attention-a0.1.svg", "attention-a1.0.png", "attention-a1.0.svg", "attention-a1.1.png", "attention-a1.1.svg", "attention-grid.png", "attention.html", "attention.json"], Files());
        Assert.Equal(found.Out.Trim(), File.ReadAllText(_folder["out", "attention.json"]).Trim());
    }

    [Fact]
    public void Prompts_are_shown_in_order_with_pictures_of_each()
    {
        var found = Subspace.Run("attention", _model, "--prompt", "abcab", "--prompt", "<bos> d e", "--out", _folder["out"], "--json");

        Assert.True(found.Status == 0, found.Error);
        var prompts = found.Json.GetProperty("prompts").EnumerateArray().ToArray();
        Assert.Equal(["abcab", "<bos> d e"], prompts.Select(prompt => prompt.GetProperty("name").GetString()));
        Assert.Equal(["<bos>", "d", "e"], prompts[1].GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
        Assert.Equal(20, Files().Length);
        Assert.Contains("prompt-2-attention-a1.1.png", Files());
        Assert.Contains("prompt-2-attention-grid.png", Files());
    }

    [Fact]
    public void Nothing_is_written_without_a_folder()
    {
        var found = Subspace.Run("attention", _model, "--length", "4", "--samples", "1");

        Assert.True(found.Status == 0, found.Error);
        Assert.Contains("a1.1", found.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("attention.html", found.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_without_a_task_takes_ids_and_has_no_scores()
    {
        File.Delete(Path.Combine(_model, "task.json"));

        var ids = Subspace.Run("attention", _model, "--prompt", "3 1 4", "--out", _folder["out"]);
        var nothing = Subspace.Run("attention", _model);

        Assert.True(ids.Status == 0, ids.Error);
        Assert.Contains("No task of 'model' is known", ids.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out", "attention.html"]));
        Assert.Equal(2, nothing.Status);
        Assert.Contains("--prompt with token ids", Assert.Single(nothing.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'1'", "--prompt", "ab1")]
    [InlineData("is empty", "--prompt", "")]
    [InlineData("22 tokens", "--prompt", "aaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("no problem of length 99", "--length", "99")]
    [InlineData("--length", "--length", "4", "--prompt", "ab")]
    [InlineData("--samples", "--samples", "4", "--prompt", "ab")]
    [InlineData("1 to 50", "--samples", "0")]
    [InlineData("no task", "--task", "nope", "--prompt", "ab")]
    [InlineData("Is this a model of another task", "--task", "unique_copy", "--prompt", "1 2")]
    public void Bad_input_is_one_line_and_status_2_and_nothing_is_written(string named, params string[] arguments)
    {
        var found = Subspace.Run(["attention", _model, "--out", _folder["out"], .. arguments]);

        Assert.Equal(2, found.Status);
        Assert.Contains(named, Assert.Single(found.ErrorLines), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    private string[] Files() => [.. Directory.GetFiles(_folder["out"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
