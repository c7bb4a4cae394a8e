namespace SubspaceCircuits.Tests.Architecture;

public class LayersTests
{
    [Fact]
    public void Library_folders_use_only_what_lies_below_them()
    {
        var library = Path.Combine(SharedData.RepositoryRoot(), "src", "SubspaceCircuits");

        var violations = SourceCode.Files("src/SubspaceCircuits").SelectMany(file =>
            Layers.Violations(Path.GetRelativePath(library, file).Split(Path.DirectorySeparatorChar)[0], File.ReadAllText(file))
                .Select(violation => $"{Path.GetRelativePath(library, file)}: {violation}"));

        Assert.Empty(violations);
    }

    [Fact]
    public void Projects_reference_only_what_the_design_allows()
    {
        var projects = Directory.GetFiles(Path.Combine(SharedData.RepositoryRoot(), "src"), "*.csproj", SearchOption.AllDirectories);

        Assert.NotEmpty(projects);
        Assert.Empty(projects.SelectMany(project => Layers.ProjectViolations(Path.GetFileNameWithoutExtension(project), File.ReadAllText(project))));
    }

    [Theory]
    [InlineData("Models", "using SubspaceCircuits.Checkpoints;\nnamespace SubspaceCircuits.Models;")]
    [InlineData("Scores", "using SubspaceCircuits.Backend;\nnamespace SubspaceCircuits.Scores;")]
    [InlineData("Checkpoints", "using SubspaceCircuits.Checkpoints.Pickles;\nnamespace SubspaceCircuits.Checkpoints;")]
    [InlineData("Checkpoints", "namespace SubspaceCircuits.Checkpoints.Pickles;")]
    [InlineData("Models", "namespace SubspaceCircuits.Models; // SubspaceCircuits.Scores\nclass A { string s = \"SubspaceCircuits.Scores\"; }")]
    public void Arrow_downwards_is_allowed(string folder, string source) => Assert.Empty(Layers.Violations(folder, source));

    [Theory]
    [InlineData("Models", "using SubspaceCircuits.Tasks;\nnamespace SubspaceCircuits.Models;", "Models uses Tasks, which is not below it")]
    [InlineData("Models", "using T = SubspaceCircuits.Tasks.ITask;\nnamespace SubspaceCircuits.Models;", "Models uses Tasks, which is not below it")]
    [InlineData("Models", "using static SubspaceCircuits.Circuits.OvBlocks;\nnamespace SubspaceCircuits.Models;", "Models uses Circuits, which is not below it")]
    [InlineData("Models", "namespace SubspaceCircuits.Models;\nclass A { SubspaceCircuits.Tasks.ITask t; }", "Models uses Tasks, which is not below it")]
    [InlineData("Scores", "using SubspaceCircuits.KnownCircuits;\nnamespace SubspaceCircuits.Scores;", "Scores uses KnownCircuits, which is not below it")]
    [InlineData("Scores", "using SubspaceCircuits.Runs;\nnamespace SubspaceCircuits.Scores;", "Scores uses Runs, which has no place among the layers")]
    [InlineData("Models", "namespace SubspaceCircuits.Tasks;", "the namespace is not SubspaceCircuits.Models")]
    [InlineData("Helpers", "namespace SubspaceCircuits.Helpers;", "the folder Helpers has no place among the layers")]
    public void Any_other_arrow_is_found(string folder, string source, string expected) => Assert.Contains(expected, Layers.Violations(folder, source));

    [Fact]
    public void Reference_to_a_project_above_is_found()
    {
        const string csproj = """<ItemGroup><ProjectReference Include="../SubspaceCircuits.Cli/SubspaceCircuits.Cli.csproj" /></ItemGroup>""";

        Assert.Equal(["SubspaceCircuits.Runs references SubspaceCircuits.Cli"], Layers.ProjectViolations("SubspaceCircuits.Runs", csproj));
        Assert.Equal(["the project SubspaceCircuits.Utils has no place among the projects"], Layers.ProjectViolations("SubspaceCircuits.Utils", csproj));
    }
}
