using System.Text.RegularExpressions;

namespace SubspaceCircuits.Tests.Architecture;

/// <summary>Which folder of the library, and which project, may use which.</summary>
internal static partial class Layers
{
    // From the top down; folders of one row do not use each other.
    private static readonly string[][] Folders =
    [
        ["KnownCircuits"], ["Scores"], ["Interventions"], ["Circuits"], ["Subspaces"], ["Activations"], ["Training"], ["Attention"], ["Tasks"], ["Models"], ["Checkpoints"], ["Backend"],
    ];

    private static readonly Dictionary<string, string[]> Projects = new()
    {
        ["SubspaceCircuits"] = [],
        ["SubspaceCircuits.Runs"] = ["SubspaceCircuits"],
        ["SubspaceCircuits.Plots"] = [],
        ["SubspaceCircuits.Explorer"] = ["SubspaceCircuits.Runs"],
        ["SubspaceCircuits.Cli"] = ["SubspaceCircuits.Explorer", "SubspaceCircuits.Runs", "SubspaceCircuits.Plots"],
    };

    /// <summary>What is wrong with the arrows of one source file of the library.</summary>
    /// <param name="folder">Folder of the library that holds it.</param>
    /// <param name="source">Its text.</param>
    public static IEnumerable<string> Violations(string folder, string source)
    {
        var code = SourceCode.WithoutTextAndComments(source);
        var row = RowOf(folder);
        if (row < 0)
            yield return $"the folder {folder} has no place among the layers";
        if (Namespace().Match(code).Groups["folder"].Value != folder)
            yield return $"the namespace is not SubspaceCircuits.{folder}";
        foreach (var used in Mention().Matches(code).Select(match => match.Groups["folder"].Value).Distinct().Where(used => used != folder))
        {
            if (RowOf(used) < 0)
                yield return $"{folder} uses {used}, which has no place among the layers";
            else if (RowOf(used) <= row)
                yield return $"{folder} uses {used}, which is not below it";
        }
    }

    /// <summary>What is wrong with the references of one project.</summary>
    public static IEnumerable<string> ProjectViolations(string project, string csproj)
    {
        var allowed = Projects.GetValueOrDefault(project);
        if (allowed is null)
            yield return $"the project {project} has no place among the projects";
        foreach (var used in Reference().Matches(csproj).Select(match => match.Groups["project"].Value))
        {
            if (allowed?.Contains(used) == false)
                yield return $"{project} references {used}";
        }
    }

    private static int RowOf(string folder) => Array.FindIndex(Folders, row => row.Contains(folder));

    [GeneratedRegex(@"^\s*namespace\s+SubspaceCircuits\.(?<folder>\w+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    /// <summary>A using directive, with or without alias, or a qualified name.</summary>
    [GeneratedRegex(@"\bSubspaceCircuits\.(?<folder>\w+)")]
    private static partial Regex Mention();

    [GeneratedRegex(@"<ProjectReference\s[^>]*?Include=""[^""]*?(?<project>[^""/\\]+)\.csproj""")]
    private static partial Regex Reference();
}
