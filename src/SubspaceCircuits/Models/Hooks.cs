namespace SubspaceCircuits.Models;

/// <summary>
/// What a forward pass does at its hook points: replace an activation, then keep it. Owns the kept activations and disposes them.
/// </summary>
public sealed class Hooks : IDisposable
{
    private readonly HashSet<HookPoint> _keep;
    private readonly Dictionary<HookPoint, Func<Tensor, Tensor>> _replace = [];
    private readonly Dictionary<HookPoint, Tensor> _kept = [];

    /// <summary>Hooks that keep the activations at the given points.</summary>
    public Hooks(params IEnumerable<HookPoint> keep) => _keep = [.. keep];

    /// <summary>The activation kept at a point, after any replacement. Valid until the hooks are disposed or run again.</summary>
    /// <exception cref="InvalidOperationException">The point was not asked for, or the run did not come by it.</exception>
    public Tensor this[HookPoint point] => _kept.TryGetValue(point, out var tensor) ? tensor
        : throw new InvalidOperationException(_keep.Contains(point)
            ? $"The run did not pass {point}. Has this model such a point, and was the run stopped before it?"
            : $"{point} was not kept. Name it when the hooks are made.");

    /// <summary>Points whose activation was kept by the last run.</summary>
    public IReadOnlyCollection<HookPoint> Kept => _kept.Keys;

    /// <summary>Replaces the activation at a point by a function of it, of the same shape.</summary>
    /// <returns>These hooks, for chaining.</returns>
    public Hooks Replace(HookPoint point, Func<Tensor, Tensor> replacement)
    {
        _replace[point] = replacement;
        return this;
    }

    /// <summary>Whether anything happens at a point; lets the forward pass leave out what nobody asked for.</summary>
    internal bool Wants(HookPoint point) => _keep.Contains(point) || _replace.ContainsKey(point);

    internal Tensor At(HookPoint point, Tensor activation)
    {
        if (_replace.TryGetValue(point, out var replacement))
        {
            var replaced = replacement(activation);
            if (!replaced.shape.AsSpan().SequenceEqual(activation.shape))
                throw new ArgumentException($"The replacement at {point} should have shape [{string.Join(", ", activation.shape)}], but has [{string.Join(", ", replaced.shape)}].");
            activation = replaced;
        }

        if (_keep.Contains(point))
        {
            if (_kept.Remove(point, out var previous))
                previous.Dispose();
            _kept[point] = activation.alias().DetachFromDisposeScope();
        }

        return activation;
    }

    /// <summary>Drops what an earlier run kept, so that a run that stops early does not pass it off as its own.</summary>
    internal void Forget()
    {
        foreach (var tensor in _kept.Values)
            tensor.Dispose();
        _kept.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();
}
