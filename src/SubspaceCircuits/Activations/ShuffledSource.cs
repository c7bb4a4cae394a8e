namespace SubspaceCircuits.Activations;

/// <summary>
/// A fixed set of activations, shuffled once and then handed out in a cycle: a row comes back only after all others, so within
/// one round no row meets itself. Owns its tensor and disposes it.
/// </summary>
public sealed class ShuffledSource : IActivationSource, IDisposable
{
    private readonly Tensor _rows;

    /// <summary>Shuffles a copy of the rows.</summary>
    /// <param name="activations">[row, d_model], in storage type.</param>
    /// <param name="generator">Where chance comes from.</param>
    /// <param name="map">Applied to the rows, in float32, before they are stored in the same type: a centring or a whitening.</param>
    public ShuffledSource(Tensor activations, Generator generator, Func<Tensor, Tensor>? map = null)
    {
        if (activations.dim() != 2 || activations.shape[0] == 0)
            throw new ArgumentException($"Activations should have shape [row, d_model] with at least one row, but have [{string.Join(", ", activations.shape)}].");
        using var scope = NewDisposeScope();
        var rows = activations.index_select(0, randperm(activations.shape[0], generator: generator).to(activations.device));
        _rows = (map is null ? rows : map(rows.to(float32)).to(activations.dtype)).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public int DModel => (int)_rows.shape[1];

    /// <summary>How many rows come before the first one comes back.</summary>
    public long Rows => _rows.shape[0];

    /// <summary>Rows handed out so far.</summary>
    public long HandedOut { get; private set; }

    /// <summary>Leaves rows out, as to go on where another source was.</summary>
    public void Skip(long rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        HandedOut += rows;
    }

    /// <inheritdoc/>
    public Tensor Next(int rows)
    {
        using var scope = NewDisposeScope();
        var order = (arange(rows, dtype: int64) + HandedOut % Rows) % Rows;
        HandedOut += rows;
        return _rows.index_select(0, order.to(_rows.device)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
