namespace SubspaceCircuits.Checkpoints;

/// <summary>A file that cannot be read as what it should be. The message is one line: file, what was expected, what was found.</summary>
public sealed class CheckpointException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">Path of the file or folder at fault.</param>
    /// <param name="problem">What was expected and what was found, without a final full stop.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public CheckpointException(string file, string problem, Exception? inner = null)
        : base($"{file}: {problem}.", inner) => File = file;

    /// <summary>Path of the file or folder at fault.</summary>
    public string File { get; }
}
