namespace SubspaceCircuits.Subspaces.Search;

/// <summary>How a search went so far.</summary>
public sealed record SearchStatistics
{
    /// <summary>Passes over all keys that found candidates.</summary>
    public int Passes { get; init; }

    /// <summary>Steps they served.</summary>
    public int Steps { get; init; }

    /// <summary>Passes over all keys in one or more subspaces where a nearest key was not proved.</summary>
    public int DirectPasses { get; init; }

    /// <summary>Nearest keys that were compared with an exact search (look-ahead only).</summary>
    public long Audited { get; init; }

    /// <summary>How many of them were the same, or as near.</summary>
    public long Agreed { get; init; }

    /// <summary>Share of audited nearest keys that agree; 1 when none was audited.</summary>
    public double Agreement => Audited == 0 ? 1 : Agreed / (double)Audited;

    /// <summary>Sum of audited distances that were found over that of the least ones, less 1.</summary>
    public double LossExcess { get; init; }
}
