namespace SubspaceCircuits.Tests;

public sealed class UsageTests
{
    [Fact]
    public void Help_lists_every_command_and_loads_no_libtorch()
    {
        // An own libtorch that is not there would be an error as soon as the library is touched.
        var help = Subspace.Run(new Dictionary<string, string?> { ["SUBSPACE_LIBTORCH"] = "/nowhere" }, "--help");

        Assert.Equal(0, help.Status);
        foreach (var command in (string[])["demo", "analyze", "train", "eval", "attention", "partition", "circuit", "validate", "score", "report", "export", "import", "explore", "tasks", "compile", "synthetic", "bench", "doctor"])
            Assert.Contains($"  {command} ", help.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("eval")]
    [InlineData("eval", "/nowhere")]
    [InlineData("eval", "/nowhere", "--no-such-option")]
    [InlineData("eval", "/nowhere", "--seed", "x")]
    [InlineData("eval", "/nowhere", "--seed", "-1")]
    [InlineData("eval", "/nowhere", "--threads", "0")]
    [InlineData("eval", "/nowhere", "--device", "tpu")]
    [InlineData("analyze", "/nowhere")]
    [InlineData("train", "no_such_task", "--out", "/tmp/never")]
    [InlineData("train", "unique_copy")]
    [InlineData("train", "unique_copy", "--heads", "3", "--out", "/tmp/never")]
    [InlineData("partition")]
    [InlineData("partition", "--activations", "/nowhere.npy")]
    [InlineData("circuit", "/nowhere")]
    [InlineData("validate", "/nowhere")]
    [InlineData("validate", "/nowhere", "--ablation", "median")]
    [InlineData("report", "/nowhere")]
    [InlineData("export", "/nowhere", "--format", "eap", "--out", "/tmp/never")]
    [InlineData("export", "/nowhere", "--out", "/tmp/never")]
    [InlineData("import")]
    [InlineData("import", "/nowhere")]
    [InlineData("explore", "/nowhere")]
    [InlineData("tasks")]
    [InlineData("tasks", "show")]
    [InlineData("tasks", "show", "no_such_task")]
    [InlineData("tasks", "show", "unique_copy:n=3")]
    [InlineData("tasks", "show", "unique_ngram_pattern:n=1,longest=27")]
    [InlineData("tasks", "show", "sort", "--samples", "0")]
    [InlineData("tasks", "show", "sort", "--length", "151")]
    [InlineData("tasks", "show", "bce_D3", "--length", "3")]
    [InlineData("tasks", "show", "sort", "--length", "3", "--lengths", "3-4")]
    [InlineData("tasks", "show", "sort", "--lengths", "3-4,5-6")]
    [InlineData("tasks", "show", "sort", "--lengths", "4-3")]
    [InlineData("bench")]
    [InlineData("bench", "real-models")]
    [InlineData("bench", "real-models", "--models", "/nowhere")]
    [InlineData("bench", "real-models", "--models", "/proc/self/fd")]
    [InlineData("bench", "real-models", "--models", "/nowhere", "--samples", "0")]
    [InlineData("bench", "real-circuits", "--models", "/nowhere")]
    [InlineData("bench", "edge-ranking", "--seeds", "0")]
    [InlineData("bench", "edge-ranking", "--programs", "no_such_program")]
    public void Wrong_usage_and_missing_input_is_one_line_and_status_2(params string[] arguments)
    {
        var found = Subspace.Run(arguments);

        Assert.Equal(2, found.Status);
        Assert.Single(found.ErrorLines);
        Assert.Equal("", found.Out);
        Assert.DoesNotContain("Exception", found.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_model_is_one_line_that_names_the_file()
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Write(folder["model"]);
        var weights = Path.Combine(model, "model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^100]);

        var truncated = Subspace.Run("eval", model);
        var text = Subspace.Run("eval", folder.Write("notes.safetensors", "these are not weights"));
        var empty = Subspace.Run("eval", Directory.CreateDirectory(folder["empty"]).FullName);

        foreach (var (found, name) in new[] { (truncated, "model.safetensors"), (text, "notes.safetensors"), (empty, "empty") })
        {
            Assert.Equal(2, found.Status);
            Assert.Contains(name, Assert.Single(found.ErrorLines), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Values_out_of_range_are_refused_before_any_work()
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Write(folder["model"]);
        foreach (var arguments in (string[][])[["--coverage", "2"], ["--lengths", "5"], ["--strategy", "guess"], ["--stop-at", "-1"], ["--stop-at", "2"], ["--strategy", "blocks"], ["--replicates", "-1"], ["--task", "nope"], ["--activations-per-site", "0"], ["--strategy", "merge", "--steps", "0"], ["--strategy", "blocks", "--stop-at", "9"]])
        {
            var found = Subspace.Run(["analyze", model, "--out", folder["run"], .. arguments]);

            Assert.True(found.Status == 2, $"{string.Join(' ', arguments)}: status {found.Status}, {found.Error}");
            Assert.Single(found.ErrorLines, line => !line.StartsWith("evaluation", StringComparison.Ordinal));
            Assert.False(Directory.Exists(folder["run"]), string.Join(' ', arguments));
        }
    }

    [Fact]
    public void Cuda_without_a_device_is_refused_in_one_line()
    {
        Assert.SkipWhen(cuda.is_available(), "there is a CUDA device here");
        using var folder = new TemporaryFolder();

        var found = Subspace.Run("eval", TinyModel.Write(folder["model"]), "--device", "cuda");

        Assert.Equal(2, found.Status);
        Assert.Contains("There is no CUDA device", Assert.Single(found.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_tells_what_was_loaded_from_where()
    {
        var doctor = Subspace.Run("doctor", "--json");

        Assert.Equal(0, doctor.Status);
        Assert.StartsWith("2.10", doctor.Json.GetProperty("libtorch").GetString(), StringComparison.Ordinal);
        Assert.Contains(doctor.Json.GetProperty("native_files").EnumerateArray(), file => file.GetString()!.Contains("torch_cpu", StringComparison.Ordinal));
        Assert.Empty(doctor.Json.GetProperty("problems").EnumerateArray());
        var remedy = doctor.Json.GetProperty("remedy").GetString();
        Assert.True(remedy is null || File.Exists(remedy));
    }

    [Fact]
    public void Cache_that_cannot_be_written_does_not_keep_libtorch_from_loading()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("not-a-folder", "");

        var doctor = Subspace.Run(new Dictionary<string, string?> { ["XDG_CACHE_HOME"] = file }, "doctor", "--json");

        Assert.Equal(0, doctor.Status);
        Assert.Empty(doctor.Json.GetProperty("problems").EnumerateArray());
    }
}
