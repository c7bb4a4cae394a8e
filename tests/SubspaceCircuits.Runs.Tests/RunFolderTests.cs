using SubspaceCircuits.Models;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class RunFolderTests : IDisposable
{
    private static readonly RunManifest Manifest = new(RunManifest.CurrentSchema, "1.2.3", new Dictionary<string, string> { ["libtorch"] = "2.10.0" }, "subspace analyze model",
        new ModelRecord("model", "/models/model.safetensors", new string('a', 64), 1, 2, 8, 4, null, 30, 21, true, "LN"), TinyModel.Settings, 2, []);

    private readonly TemporaryFolder _folder = new();

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CreateOrResume_writes_the_manifest()
    {
        RunFolder.CreateOrResume(Run, Manifest);

        Assert.True(Json.Same(Manifest, RunFolder.Open(Run).Manifest));
    }

    [Fact]
    public void CreateOrResume_takes_an_empty_folder()
    {
        Directory.CreateDirectory(Run);

        Assert.Empty(RunFolder.CreateOrResume(Run, Manifest).Manifest.Stages);
    }

    [Fact]
    public void Stage_that_is_done_is_not_done_again()
    {
        RunFolder.CreateOrResume(Run, Manifest).Stage("circuit", () => { });
        var resumed = RunFolder.CreateOrResume(Run, Manifest);

        resumed.Stage("circuit", () => Assert.Fail("was done before"));

        Assert.True(resumed.IsDone("circuit"));
        Assert.Equal(["circuit"], resumed.Manifest.Stages.Select(stage => stage.Name));
    }

    [Fact]
    public void Stage_that_throws_stays_started_and_is_done_again()
    {
        var run = RunFolder.CreateOrResume(Run, Manifest);
        Assert.Throws<TimeoutException>(() => run.Stage("circuit", () => throw new TimeoutException()));
        Assert.Equal(StageStatus.Started, Assert.Single(RunFolder.Open(Run).Manifest.Stages).Status);

        var times = 0;
        RunFolder.CreateOrResume(Run, Manifest).Stage("circuit", () => times++);

        Assert.Equal(1, times);
        Assert.Equal(StageStatus.Done, Assert.Single(RunFolder.Open(Run).Manifest.Stages).Status);
    }

    [Fact]
    public void Again_does_a_stage_that_is_done()
    {
        var run = RunFolder.CreateOrResume(Run, Manifest);
        run.Stage("circuit", () => { });

        var times = 0;
        run.Again("circuit", () => times++);

        Assert.Equal(1, times);
        Assert.Single(run.Manifest.Stages);
    }

    [Fact]
    public void Resume_keeps_the_command_that_began_the_run()
    {
        RunFolder.CreateOrResume(Run, Manifest);

        Assert.Equal(Manifest.Command, RunFolder.CreateOrResume(Run, Manifest with { Command = "subspace partition model" }).Manifest.Command);
    }

    public static TheoryData<string, string> Others => new() { { "seed", "seed" }, { "steps", "steps" }, { "lengths", "lengths" }, { "model", "model" }, { "threads", "threads" }, { "version", "version" } };

    [Theory]
    [MemberData(nameof(Others))]
    public void CreateOrResume_refuses_a_run_with_another(string what, string named)
    {
        RunFolder.CreateOrResume(Run, Manifest);
        var other = what switch
        {
            "seed" => Manifest with { Settings = Manifest.Settings with { Seed = 9 } },
            "steps" => Manifest with { Settings = Manifest.Settings with { Steps = 9 } },
            "lengths" => Manifest with { Settings = Manifest.Settings with { Lengths = new LengthRange(3, 4) } },
            "model" => Manifest with { Model = Manifest.Model with { Sha256 = new string('b', 64) } },
            "threads" => Manifest with { Threads = 1 },
            _ => Manifest with { Version = "1.2.4" },
        };

        Assert.Contains(named, Refused.Line(Run, () => RunFolder.CreateOrResume(Run, other)), StringComparison.Ordinal);
    }

    [Fact]
    public void CreateOrResume_takes_a_model_that_was_moved()
    {
        RunFolder.CreateOrResume(Run, Manifest);

        RunFolder.CreateOrResume(Run, Manifest with { Model = Manifest.Model with { Path = "/elsewhere/model.safetensors" } });
    }

    [Fact]
    public void CreateOrResume_refuses_a_folder_with_something_else_and_leaves_it_alone()
    {
        _folder.Write("thesis.tex", "five years");

        Refused.Line(_folder.Root, () => RunFolder.CreateOrResume(_folder.Root, Manifest));

        Assert.Equal(["thesis.tex"], _folder.FileNames());
    }

    [Fact]
    public void CreateOrResume_refuses_a_file_and_a_place_below_a_file()
    {
        var file = _folder.Write("file", "text");

        Refused.Line(file, () => RunFolder.CreateOrResume(file, Manifest));
        Refused.Line(file, () => RunFolder.CreateOrResume(Path.Combine(file, "run"), Manifest));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1, 2]")]
    [InlineData("""{ "schema": "subspace-circuits/run/9" }""")]
    public void Open_refuses_a_damaged_manifest(string content)
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, "run.json"), content);

        Refused.Line("run.json", () => RunFolder.Open(Run));
        Refused.Line("run.json", () => RunFolder.CreateOrResume(Run, Manifest));
    }

    [Fact]
    public void Open_refuses_another_schema()
    {
        Json.Write(Path.Combine(Run, "run.json"), Manifest with { Schema = "subspace-circuits/run/2" });

        Assert.Contains("subspace-circuits/run/2", Refused.Line("run.json", () => RunFolder.Open(Run)), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_refuses_a_folder_that_is_not_a_run_and_one_that_is_not_there()
    {
        Refused.Line(_folder.Root, () => RunFolder.Open(_folder.Root));
        Refused.Line(_folder["none"], () => RunFolder.Open(_folder["none"]));
    }

    [Fact]
    public void RequireModel_refuses_other_weights()
    {
        var run = RunFolder.CreateOrResume(Run, Manifest);
        using var model = ModelFolder.Read(TinyModel.Write(_folder["model"], layers: 1));

        Refused.Line(model.WeightsFile, () => run.RequireModel(model));
    }
}
