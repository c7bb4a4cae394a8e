using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_makes_the_folders_above()
    {
        AtomicFile.Write(_folder["a", "b", "file.txt"], "text");

        Assert.Equal("text", File.ReadAllText(_folder["a", "b", "file.txt"]));
    }

    [Fact]
    public void Write_replaces_the_file_and_leaves_nothing_else()
    {
        var path = _folder.Write("file.txt", "a longer old text");

        AtomicFile.Write(path, "new");

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(["file.txt"], _folder.FileNames());
    }

    [Fact]
    public void Write_that_fails_keeps_what_was_there_and_leaves_nothing_else()
    {
        // A folder cannot be replaced by a file, so the rename at the end fails.
        Directory.CreateDirectory(_folder["file.txt"]);
        File.WriteAllText(_folder["file.txt", "old"], "old");

        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(_folder["file.txt"], "new"));

        Assert.Equal("old", File.ReadAllText(_folder["file.txt", "old"]));
        Assert.Empty(_folder.FileNames());
    }

    [Fact]
    public void Document_that_cannot_be_written_keeps_the_old_one()
    {
        var path = _folder.Write("file.json", "old");

        Assert.ThrowsAny<Exception>(() => Json.Write(path, new Unwritable(null)));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["file.json"], _folder.FileNames());
    }

    private sealed record Unwritable(string? Given)
    {
        public string Name => Given ?? throw new InvalidOperationException("no name");
    }
}
