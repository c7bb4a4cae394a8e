using SubspaceCircuits.Activations;

namespace SubspaceCircuits.Tests.Subspaces;

/// <summary>Row n is n times a factor of the column: whoever gets a row knows where it came from.</summary>
internal sealed class CountingSource(int dModel, Func<int, float>? factor = null) : IActivationSource
{
    private readonly float[] _factors = [.. Enumerable.Range(0, dModel).Select(factor ?? (_ => 1))];

    public int DModel => dModel;

    /// <summary>Rows asked for, call by call.</summary>
    public List<int> Calls { get; } = [];

    public Tensor Next(int rows)
    {
        using var scope = NewDisposeScope();
        var numbers = arange(Calls.Sum(), Calls.Sum() + rows, dtype: float32).unsqueeze(-1);
        Calls.Add(rows);
        return (numbers * tensor(_factors)).MoveToOuterDisposeScope();
    }
}
