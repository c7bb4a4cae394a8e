namespace SubspaceCircuits.Interventions.Norms;

/// <summary>Classes of positions that may have constants of their own.</summary>
/// <param name="Names">Name of every class.</param>
/// <param name="Of">The class of a position, from 0 to the number of names less 1.</param>
public sealed record PositionClasses(IReadOnlyList<string> Names, Func<int, int> Of)
{
    /// <summary>One class for all.</summary>
    public static PositionClasses One { get; } = new(["all"], _ => 0);

    /// <summary>BOS, an outlier in trained models, and the rest.</summary>
    public static PositionClasses FirstAndRest { get; } = new(["first", "rest"], position => position == 0 ? 0 : 1);

    /// <summary>The class of every position. [pos], int64</summary>
    internal Tensor Indices(long length, Device device) => tensor([.. Enumerable.Range(0, (int)length).Select(position => (long)Of(position))], device: device);
}
