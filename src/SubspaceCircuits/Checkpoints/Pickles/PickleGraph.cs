namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>
/// What a pickle machine has built, checked once it is complete: no container holds itself, nesting is bounded, and nothing
/// is left but tensors, containers, numbers and text.
/// </summary>
internal sealed class PickleGraph(string file)
{
    private const int MaxNesting = 64;

    private readonly Dictionary<object, int> heights = new(ReferenceEqualityComparer.Instance);
    private readonly List<Tensor> tensors = [];

    /// <summary>Checks the object and returns its tensors, each once.</summary>
    public static IReadOnlyList<Tensor> Check(string file, object? root)
    {
        var graph = new PickleGraph(file);
        graph.Height(root, depth: 0);
        return graph.tensors;
    }

    /// <summary>Containers on the longest way down. Remembered, so that containers shared a thousand times cost nothing.</summary>
    private int Height(object? value, int depth)
    {
        if (value is PickleFunction or PickleStorageClass or PickleStorage)
        {
            throw new CheckpointException(file, "holds a bare storage or function; only tensors and plain containers are read");
        }
        if (value is not (Tensor or object?[] or List<object?> or OrderedDictionary<object, object?>))
        {
            return 0;
        }
        if (!heights.TryGetValue(value, out var height))
        {
            // A container that is met again before its height is known holds itself: that too is nesting without end.
            heights[value] = MaxNesting;
            height = depth > MaxNesting ? MaxNesting : Visit(value, depth);
            heights[value] = height;
        }
        return depth + height <= MaxNesting ? height
            : throw new CheckpointException(file, $"containers are nested more than {MaxNesting} deep or hold themselves");
    }

    private int Visit(object value, int depth)
    {
        if (value is Tensor tensor)
        {
            tensors.Add(tensor);
            return 0;
        }
        var children = value is OrderedDictionary<object, object?> dictionary ? dictionary.Values : (IEnumerable<object?>)value;
        return 1 + children.Select(child => Height(child, depth + 1)).DefaultIfEmpty().Max();
    }
}
