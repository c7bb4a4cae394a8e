namespace SubspaceCircuits.Tests.Checkpoints;

/// <summary>The committed files that tools/golden/make_pt_fixtures.py made with PyTorch 1.13.1.</summary>
internal static class Golden
{
    public static string Path(string name) =>
        System.IO.Path.Combine(SharedData.RepositoryRoot(), "tests", "SubspaceCircuits.Tests", "Golden", name);
}
