using SubspaceCircuits.Models;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class ReportWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Page_of_a_whole_run_is_self_contained()
    {
        var run = Start("model");
        using (var model = ModelFolder.Read(_folder["model"]))
            new Analysis(run, model, model.Weights, cancellation: TestContext.Current.CancellationToken).Run();

        var page = File.ReadAllText(ReportWriter.Write(run));

        Pages.RequireSelfContained(page);
        Assert.Equal(3, Pages.Data(page)["sites"]!.AsArray().Count);
        Assert.Equal("x0.pre", (string?)Pages.Data(page)["sites"]![0]!["site"]);
        Assert.NotNull(Pages.Data(page)["validation"]);
    }

    [Fact]
    public void Page_of_a_run_without_stages_says_what_there_is()
    {
        var page = File.ReadAllText(ReportWriter.Write(Start("model")));

        Assert.Equal("model", (string?)Pages.Data(page)["title"]);
        Assert.Empty(Pages.Data(page)["sites"]!.AsArray());
        Assert.Null(Pages.Data(page)["circuit"]);
    }

    [Fact]
    public void Page_does_not_tell_where_the_model_lies()
    {
        var page = File.ReadAllText(ReportWriter.Write(Start("model")));

        Assert.DoesNotContain(_folder.Root, page, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_named_like_a_script_is_harmless()
    {
        const string Name = "</script><img src=x onerror=alert(1)>";
        var run = Start("model", Name);

        var page = File.ReadAllText(ReportWriter.Write(run));

        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Equal(Name, (string?)Pages.Data(page)["title"]);
    }

    [Theory]
    [InlineData("circuit.json", "{")]
    [InlineData("circuit.json", "[]")]
    [InlineData("attention.json", "[1]")]
    [InlineData("evaluation.json", "3")]
    [InlineData("validation.json", "")]
    public void Damaged_file_is_refused_in_one_line(string file, string content)
    {
        var run = Start("model");
        File.WriteAllText(run.PathOf(file), content);

        Refused.Line(run.PathOf(file), () => ReportWriter.Write(run));
    }

    private RunFolder Start(string folder, string? name = null)
    {
        using var model = ModelFolder.Read(TinyModel.Write(_folder[folder]));
        return RunFolder.CreateOrResume(_folder["run"], NewRun.Manifest(name is null ? model : model with { Name = name }, TinyModel.Settings, "subspace analyze model"));
    }
}
