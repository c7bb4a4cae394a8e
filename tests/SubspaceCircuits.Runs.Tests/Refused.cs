using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Tests;

/// <summary>What every refusal of a file must be: one line that names the file.</summary>
internal static class Refused
{
    /// <summary>Runs the action and returns the one line.</summary>
    public static string Line(string file, Action action)
    {
        var message = Assert.Throws<CheckpointException>(action).Message;
        Assert.DoesNotContain('\n', message);
        Assert.Contains(file, message, StringComparison.Ordinal);
        return message;
    }
}
