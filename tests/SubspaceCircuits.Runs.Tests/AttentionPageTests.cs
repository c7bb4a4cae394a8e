using System.Text.Json.Nodes;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class AttentionPageTests : IDisposable
{
    private const string Evil = "</script><img src=x onerror=alert(1)>";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Page_is_self_contained_and_has_every_prompt_with_every_head()
    {
        var page = Write("model", TinyModel.Task.Name);

        Pages.RequireSelfContained(page);
        var data = Pages.Data(page);
        Assert.Equal(("subspace-circuits/attention-page/1", "model", 2), ((string?)data["schema"], (string?)data["title"], (int)data["model"]!["n_layers"]!));
        Assert.Equal(4, data["heads"]!.AsArray().Count);
        var prompt = Assert.Single(data["prompts"]!.AsArray())!;
        Assert.Equal(["<bos>", "a", "b", "a"], prompt["tokens"]!.AsArray().Select(token => (string?)token));
        Assert.Equal([null, null, null, null], prompt["right"]!.AsArray());
        Assert.Equal(4, prompt["patterns"]!.AsArray().Count);
        Assert.All(prompt["patterns"]!.AsArray(), pattern => Assert.Equal(4 * 5, Convert.FromBase64String((string)pattern!["data"]!).Length));
    }

    [Fact]
    public void Names_like_scripts_are_harmless()
    {
        var page = Write(Evil, Evil);

        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Equal((Evil, Evil), ((string?)Pages.Data(page)["title"], (string?)Pages.Data(page)["task"]));
    }

    [Fact]
    public void Page_does_not_tell_where_the_model_lies() => Assert.DoesNotContain(_folder.Root, Write("model", null), StringComparison.Ordinal);

    [Fact]
    public void Attention_of_several_prompts_has_the_first_as_its_example_and_is_read_again()
    {
        using var model = ModelFolder.Read(TinyModel.Write(_folder["model"]));
        var parser = new PromptParser(model.Weights.Config, TinyModel.Task);
        PromptReading[] readings = [.. new[] { "ab", "cdc" }.Select(text => PromptReading.Of(model.Weights, parser.Parse(text), TinyModel.Task))];

        Json.Write(_folder["attention.json"], AttentionFiles.Document([], readings));

        var document = Json.Read<AttentionDocument>(_folder["attention.json"]);
        Assert.Equal(["ab", "cdc"], document.Prompts!.Select(prompt => prompt.Name));
        Assert.Equal(document.Prompts![0].Tokens, document.Example.Tokens);
        Assert.Equal(readings[0].Patterns.Select(pattern => Math.Round((double)pattern.Values[1, 0], 4)), document.Example.Patterns.Select(pattern => pattern.Pattern[1][0]));
        Assert.Contains(File.ReadLines(_folder["attention.json"]), line => line.Trim() is "[1,0,0],");
    }

    [Fact]
    public void Attention_that_was_written_before_there_were_prompts_is_still_read()
    {
        var path = _folder.Write("attention.json", """{"schema":"subspace-circuits/attention/1","heads":[],"example":{"tokens":["a"],"supervised":[false],"predicted":["a"],"patterns":[{"layer":0,"head":0,"pattern":[[1]]}]}}""");

        var document = Json.Read<AttentionDocument>(path);

        Assert.Null(document.Prompts);
        Assert.Null(document.Example.Right);
        Json.Write(path, document);
        Assert.Equal(["schema", "heads", "example"], JsonNode.Parse(File.ReadAllText(path))!.AsObject().Select(field => field.Key));
    }

    private string Write(string name, string? task)
    {
        using var model = ModelFolder.Read(TinyModel.Write(_folder["model"]));
        var heads = AttentionFiles.Heads(model.Weights, TinyModel.Task, TinyModel.Settings.Lengths, new Random(0));
        var prompt = new PromptParser(model.Weights.Config, TinyModel.Task).Parse("aba");
        AttentionPage.Write(_folder["attention.html"], NewRun.Model(model with { Name = name }), task, heads, [PromptReading.Of(model.Weights, prompt, TinyModel.Task)]);
        return File.ReadAllText(_folder["attention.html"]);
    }
}
