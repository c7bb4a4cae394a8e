namespace SubspaceCircuits.Tests.Checkpoints;

/// <summary>A folder of one test, deleted with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("subspace-checkpoints-");

    public string this[string name] => Path.Combine(folder.FullName, name);

    public IEnumerable<string> FileNames => folder.EnumerateFiles().Select(file => file.Name);

    /// <summary>Writes a file and returns its path.</summary>
    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public void Dispose() => folder.Delete(recursive: true);
}
