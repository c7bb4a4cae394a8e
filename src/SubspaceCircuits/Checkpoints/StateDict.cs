namespace SubspaceCircuits.Checkpoints;

/// <summary>
/// The named tensors of one checkpoint. Owns its tensors: disposing it disposes every tensor that was not taken.
/// </summary>
/// <remarks>
/// Tensors keep the type they have in the file. A model takes what it needs by name and shape and then calls
/// <see cref="RequireAllTaken"/>, so that a file with other content never loads by accident.
/// </remarks>
public sealed class StateDict : IDisposable
{
    private const int MaxListed = 5;

    private readonly Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);

    /// <summary>Takes over the tensors and detaches them from their dispose scopes.</summary>
    /// <param name="source">Path that error messages name.</param>
    /// <param name="tensors">Tensors by name. One tensor under two names is kept as two handles to the same memory.</param>
    public StateDict(string source, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Source = source;
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var (name, tensor) in tensors)
        {
            this.tensors.Add(name, (seen.Add(tensor) ? tensor : tensor.alias()).DetachFromDisposeScope());
        }
    }

    /// <summary>Path of the file the tensors came from.</summary>
    public string Source { get; }

    /// <summary>Names of the tensors that have not been taken, in ordinal order.</summary>
    public IReadOnlyList<string> Names => [.. tensors.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Whether a tensor of this name is there and has not been taken.</summary>
    /// <param name="name">Name in the file.</param>
    public bool Contains(string name) => tensors.ContainsKey(name);

    /// <summary>Looks at a tensor, which stays owned by this object.</summary>
    /// <param name="name">Name in the file.</param>
    /// <returns>The tensor, in the file's type; [...].</returns>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public Tensor Peek(string name) => tensors.TryGetValue(name, out var tensor) ? tensor : throw Missing(name, "");

    /// <summary>Removes a tensor and returns it. It now belongs to the caller: to the current dispose scope, where there is one.</summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="shape">Expected sizes, -1 for any size. Without sizes every shape is accepted.</param>
    /// <returns>The tensor, in the file's type; [...shape].</returns>
    /// <exception cref="CheckpointException">The tensor is missing or has another shape.</exception>
    public Tensor Take(string name, params long[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (!tensors.TryGetValue(name, out var tensor))
        {
            throw Missing(name, shape.Length > 0 ? $" {OneLine.Shape(shape)}" : "");
        }
        if (shape.Length > 0 && !Fits(tensor.shape, shape))
        {
            throw new CheckpointException(Source,
                $"tensor {OneLine.Quote(name)} should have shape {OneLine.Shape(shape)} but has {OneLine.Shape(tensor.shape)}");
        }
        tensors.Remove(name);
        CurrentDisposeScope?.Attach(tensor);
        return tensor;
    }

    /// <summary>Throws if tensors are left, naming the first of them: the file is not what the reader took it for.</summary>
    /// <exception cref="CheckpointException">Some tensors have not been taken.</exception>
    public void RequireAllTaken()
    {
        if (tensors.Count == 0)
        {
            return;
        }
        var listed = string.Join(", ", Names.Take(MaxListed).Select(OneLine.Quote));
        var more = tensors.Count > MaxListed ? $" and {tensors.Count - MaxListed} more" : "";
        throw new CheckpointException(Source, $"unexpected tensors {listed}{more}");
    }

    /// <summary>Disposes every tensor that was not taken.</summary>
    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
        {
            tensor.Dispose();
        }
        tensors.Clear();
    }

    private static bool Fits(long[] found, long[] expected) =>
        found.Length == expected.Length && found.Zip(expected).All(pair => pair.Second == -1 || pair.First == pair.Second);

    private CheckpointException Missing(string name, string shape)
    {
        var nearest = NearestName.Find(name, Names);
        var hint = nearest is null ? "the file holds no tensors"
            : $"the nearest name is {OneLine.Quote(nearest)} {OneLine.Shape(tensors[nearest].shape)}";
        return new CheckpointException(Source, $"tensor {OneLine.Quote(name)}{shape} is missing; {hint}");
    }
}
