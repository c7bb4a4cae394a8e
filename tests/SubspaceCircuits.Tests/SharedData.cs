namespace SubspaceCircuits.Tests;

/// <summary>
/// Model files that are too large to commit: the folder <c>SUBSPACE_SHARED_DATA</c>, or <c>../shared/data</c> beside the
/// repository. Tests that need it are skipped without it, or fail where <c>SUBSPACE_REQUIRE_ALL=1</c>.
/// </summary>
internal static class SharedData
{
    private static readonly string Root = Environment.GetEnvironmentVariable("SUBSPACE_SHARED_DATA") is { Length: > 0 } folder
        ? folder : Path.Combine(RepositoryRoot(), "..", "shared", "data");

    /// <summary>Full path of a file or folder, which exists.</summary>
    public static string PathOrSkip(string relative)
    {
        var path = Path.GetFullPath(Path.Combine(Root, relative));
        if (!Path.Exists(path))
        {
            var problem = $"needs the shared data folder: {path} not found";
            if (Environment.GetEnvironmentVariable("SUBSPACE_REQUIRE_ALL") == "1")
            {
                Assert.Fail(problem);
            }
            Assert.Skip(problem);
        }
        return path;
    }

    /// <summary>The folder that holds the solution file.</summary>
    public static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SubspaceCircuits.slnx")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException($"No SubspaceCircuits.slnx above {AppContext.BaseDirectory}.");
    }
}
