using SubspaceCircuits.Models;

namespace SubspaceCircuits.Activations;

/// <summary>How many activations to collect, of which sites and which samples.</summary>
public sealed record CollectionSettings
{
    /// <summary>Sites to collect; empty means all sites of the model.</summary>
    public IReadOnlyList<Site> Sites { get; init; } = [];

    /// <summary>Activations of each site, at least 1. Default 65,536.</summary>
    public int Rows { get; init; } = 65_536;

    /// <summary>Shortest problem. Default 1.</summary>
    public int From { get; init; } = 1;

    /// <summary>Longest problem. Default 50.</summary>
    public int To { get; init; } = 50;

    /// <summary>Positions before this one are left out: BOS (position 0) is an outlier in trained models. Default 1.</summary>
    public int FirstPosition { get; init; } = 1;

    /// <summary>Keep only positions whose prediction is supervised: the mask that leaves out a first repetition. Default false.</summary>
    public bool IsSupervisedOnly { get; init; }

    /// <summary>Sequences run at once, at least 1. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Most memory for the stored activations, in MiB. Default 1,024.</summary>
    public int MemoryMiB { get; init; } = 1024;

    /// <summary>Same seed, same samples.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Rows < 1 || BatchSize < 1 || FirstPosition < 0 || MemoryMiB < 1)
            throw new ArgumentException($"Rows ({Rows}), batch size ({BatchSize}) and memory ({MemoryMiB} MiB) should be at least 1, the first position ({FirstPosition}) at least 0.");
    }

    /// <summary>How many rows of half-precision activations fit into the budget; three copies exist while a site is shuffled.</summary>
    /// <exception cref="ArgumentException">Fewer rows fit than are asked for.</exception>
    internal int RowsWithin(int sites, int dModel)
    {
        var bytes = (long)Rows * dModel * 2 * (sites + 2);
        if (bytes > (long)MemoryMiB << 20)
            throw new ArgumentException($"{Rows} activations of {sites} sites need {bytes >> 20} MiB, but the budget is {MemoryMiB} MiB. Ask for fewer rows or raise --memory.");
        return Rows;
    }
}
