namespace SubspaceCircuits.Subspaces;

/// <summary>Keeps where a search for a partition is, so that it can go on after it was stopped.</summary>
public interface IPartitionCheckpoint
{
    /// <summary>Where the same search on the same activations was, or null when it was not begun.</summary>
    PartitionSearchState? Read();

    /// <summary>Told before every step; may keep the state.</summary>
    /// <param name="state">Gives it, for as long as the call lasts.</param>
    void Note(Func<PartitionSearchState> state);

    /// <summary>Told when the search is cancelled: should keep the state.</summary>
    /// <param name="state">After the last whole step.</param>
    void Stop(PartitionSearchState state);
}
