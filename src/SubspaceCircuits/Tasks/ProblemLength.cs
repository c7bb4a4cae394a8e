namespace SubspaceCircuits.Tasks;

/// <summary>The check that every task makes before it draws.</summary>
internal static class ProblemLength
{
    /// <summary>Refuses a length that the task does not have.</summary>
    public static void Require(ITask task, int length)
    {
        var (min, max) = task.Lengths;
        if (length < min || length > max)
            throw new ArgumentOutOfRangeException(nameof(length), $"{task.Name} has lengths {min} to {max}, but {length} was asked for.");
        if (!task.HasLength(length))
            throw new ArgumentOutOfRangeException(nameof(length), $"{task.Name} has no problem of length {length}.");
    }
}
