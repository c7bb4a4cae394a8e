using System.Diagnostics;
using System.Text.Json;

namespace SubspaceCircuits.Tests;

/// <summary><c>train</c> as a user runs it: wrong options, recipes, and trainings that are stopped and killed.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private static readonly string[] Small = ["train", "unique_token_pattern:characters=6,longest=4", "--lengths", "2-4", "--d-model", "8", "--batch", "8", "--validation-samples", "20"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string[] Long(string name) => [.. Small, "--steps", "6000", "--target", "2", "--validate-every", "500", "--checkpoint-every", "50", "--dropout", "0.1", "--out", _folder[name]];

    [Theory]
    [InlineData("train", "no_such_task")]
    [InlineData("train", "unique_token_pattern:colour=3")]
    [InlineData("train", "unique_token_pattern:characters=many")]
    [InlineData("train", "unique_copy", "--heads", "3")]
    [InlineData("train", "unique_copy", "--heads", "0")]
    [InlineData("train", "unique_copy", "--d-model", "-64")]
    [InlineData("train", "unique_copy", "--d-model", "131072")]
    [InlineData("train", "unique_copy", "--dropout", "1")]
    [InlineData("train", "unique_copy", "--dropout", "nan")]
    [InlineData("train", "unique_copy", "--decay", "foo")]
    [InlineData("train", "unique_copy", "--activation", "gelu")]
    [InlineData("train", "unique_copy", "--optimizer", "adam", "--weight-decay", "0.1")]
    [InlineData("train", "unique_copy", "--steps", "0")]
    [InlineData("train", "unique_copy", "--batch", "0")]
    [InlineData("train", "unique_copy", "--learning-rate", "0")]
    [InlineData("train", "unique_copy", "--lengths", "2-4,5-6")]
    [InlineData("train", "unique_copy", "--lengths", "900-1000")]
    [InlineData("train", "unique_copy", "--device", "cuda")]
    [InlineData("train", "unique_copy", "--checkpoint-every", "0")]
    [InlineData("train", "unique_copy", "--save-every", "-1")]
    [InlineData("train", "--recipe", "/nowhere/recipe.json")]
    [InlineData("train", "--recipe", "/")]
    [InlineData("train")]
    public void Wrong_option_is_one_line_and_makes_no_folder(params string[] arguments)
    {
        var found = Subspace.Run([.. arguments, "--out", _folder["model"]]);

        RequireRefused(found);
        Assert.False(Directory.Exists(_folder["model"]));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{ "schema": "subspace-circuits/recipe/1", "task": "unique_copy", "model": {}, "settings": { "stepz": 3 } }""")]
    [InlineData("""{ "schema": "subspace-circuits/recipe/9", "task": "unique_copy", "model": {}, "settings": {} }""")]
    [InlineData("""{ "schema": "subspace-circuits/recipe/1", "task": "unique_copy", "model": { "activation": "gelu" }, "settings": {} }""")]
    public void Recipe_that_is_none_is_one_line(string content) =>
        RequireRefused(Subspace.Run("train", "--recipe", _folder.Write("recipe.json", content), "--out", _folder["model"]));

    [Fact]
    public void Folder_that_cannot_be_made_or_holds_something_else_is_one_line()
    {
        var file = _folder.Write("notes.txt", "text");

        RequireRefused(Subspace.Run([.. Small, "--out", Path.Combine(file, "model")]));
        RequireRefused(Subspace.Run([.. Small, "--out", file]));
        RequireRefused(Subspace.Run([.. Small, "--out", _folder.Root]));

        Assert.Equal(["notes.txt"], _folder.FileNames());
    }

    [Fact]
    public void Options_beside_a_recipe_win_and_the_document_says_so()
    {
        var recipe = _folder.Write("recipe.json", """
            { "schema": "subspace-circuits/recipe/1", "task": "unique_token_pattern:characters=6,longest=4", "model": { "d_model": 16, "n_layers": 1, "attn_only": true },
              "settings": { "steps": 40, "batch_size": 8, "from": 2, "to": 4, "validation_samples": 20, "decay": "linear", "target_accuracy": 2, "seed": 5 }, "about": "a test" }
            """);

        var found = Subspace.Run("train", "--recipe", recipe, "--steps", "12", "--d-model", "8", "--out", _folder["model"], "--json");

        Assert.True(found.Status == 0, found.Error);
        Assert.Equal(["model", "task", "steps", "accuracy", "repeat_share"], found.Json.EnumerateObject().Select(field => field.Name));
        Assert.Equal(12, found.Json.GetProperty("steps").GetInt32());
        var written = JsonDocument.Parse(File.ReadAllText(_folder["model", "training.json"])).RootElement.GetProperty("recipe");
        var (model, settings) = (written.GetProperty("model"), written.GetProperty("settings"));
        Assert.Equal((8, 1, true), (model.GetProperty("d_model").GetInt32(), model.GetProperty("n_layers").GetInt32(), model.GetProperty("attn_only").GetBoolean()));
        Assert.Equal((12, 8, 5, "linear"), (settings.GetProperty("steps").GetInt32(), settings.GetProperty("batch_size").GetInt32(), settings.GetProperty("seed").GetInt32(), settings.GetProperty("decay").GetString()));
    }

    [Fact]
    public void Training_that_was_killed_and_one_that_was_interrupted_end_with_the_bytes_of_one_that_was_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are those of Unix");
        Assert.Equal(0, Subspace.Run(Long("whole")).Status);

        StopAtCheckpoint("killed", "KILL");
        var (status, error) = StopAtCheckpoint("interrupted", "INT");
        Assert.Equal(1, status);
        Assert.Equal("Stopped. What was finished is kept; the same command goes on from there.", error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);

        foreach (var name in (string[])["killed", "interrupted"])
        {
            var resumed = Subspace.Run(Long(name));
            Assert.True(resumed.Status == 0, resumed.Error);
            foreach (var file in (string[])["model.safetensors", "metrics.jsonl", "training.json"])
                Assert.True(File.ReadAllBytes(_folder["whole", file]).SequenceEqual(File.ReadAllBytes(_folder[name, file])), $"{name}: {file}");
        }
    }

    /// <summary>Starts a training, waits for its first checkpoint, and sends a signal.</summary>
    private (int Status, string Error) StopAtCheckpoint(string name, string signal)
    {
        using var process = Subspace.Start(new Dictionary<string, string?>(), Long(name));
        var error = process.StandardError.ReadToEndAsync();
        var clock = Stopwatch.StartNew();
        while (!File.Exists(_folder[name, "checkpoint.safetensors"]))
        {
            Assert.False(process.HasExited, "ended before the first checkpoint");
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "no checkpoint within a minute");
            Thread.Sleep(5);
        }

        Subspace.Signal(process, signal);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)), "did not stop within twenty seconds");
        Assert.False(File.Exists(_folder[name, "training.json"]), "was finished before the signal came");
        return (process.ExitCode, error.GetAwaiter().GetResult());
    }

    private static void RequireRefused(Finished found)
    {
        Assert.True(found.Status == 2, $"status {found.Status}: {found.Error}");
        Assert.Single(found.ErrorLines);
        Assert.Equal("", found.Out);
        Assert.DoesNotContain("Exception", found.Error, StringComparison.Ordinal);
    }
}
