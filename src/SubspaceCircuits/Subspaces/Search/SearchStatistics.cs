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

    /// <summary>Sum of the audited distances that were found.</summary>
    public double FoundSum { get; init; }

    /// <summary>Sum of the least ones.</summary>
    public double LeastSum { get; init; }

    /// <summary>By how much the loss of audited nearest keys exceeds the least, as a share; 0 when none was audited.</summary>
    public double LossExcess => LeastSum > 0 ? FoundSum / LeastSum - 1 : 0;

    /// <summary>Two searches together.</summary>
    public static SearchStatistics operator +(SearchStatistics a, SearchStatistics b) => new()
    {
        Passes = a.Passes + b.Passes,
        Steps = a.Steps + b.Steps,
        DirectPasses = a.DirectPasses + b.DirectPasses,
        Audited = a.Audited + b.Audited,
        Agreed = a.Agreed + b.Agreed,
        FoundSum = a.FoundSum + b.FoundSum,
        LeastSum = a.LeastSum + b.LeastSum,
    };
}
