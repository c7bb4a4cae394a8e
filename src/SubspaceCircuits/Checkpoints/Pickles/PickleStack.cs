namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>Stack, marks and memo of the pickle machine, each bounded.</summary>
/// <remarks>The bounds are ten times what a state dict of 100,000 tensors needs.</remarks>
internal sealed class PickleStack(PickleInput input)
{
    private const int MaxDepth = 1_000_000;
    private const int MaxMarks = 1_000;
    private const int MaxMemo = 4_000_000;
    private const int MaxPushes = 20_000_000;

    private readonly List<object?> values = [];
    private readonly List<int> marks = [];
    private readonly Dictionary<uint, object?> memo = [];
    private int pushes;

    public void Push(object? value)
    {
        if (values.Count >= MaxDepth || ++pushes > MaxPushes)
        {
            throw input.Error($"more than {MaxDepth} values at once or {MaxPushes} in all");
        }
        values.Add(value);
    }

    public object? Pop()
    {
        RequireValue();
        var value = values[^1];
        values.RemoveAt(values.Count - 1);
        return value;
    }

    public object? Peek()
    {
        RequireValue();
        return values[^1];
    }

    public T Pop<T>(string expected) where T : class =>
        Pop() as T ?? throw input.Error($"expected {expected}");

    public T Peek<T>(string expected) where T : class =>
        Peek() as T ?? throw input.Error($"expected {expected}");

    public void Mark()
    {
        if (marks.Count >= MaxMarks)
        {
            throw input.Error($"more than {MaxMarks} marks");
        }
        marks.Add(values.Count);
    }

    /// <summary>Removes the last mark and everything above it.</summary>
    public object?[] PopMark()
    {
        if (marks.Count == 0)
        {
            throw input.Error("no mark on the stack");
        }
        var start = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        object?[] items = [.. values[start..]];
        values.RemoveRange(start, items.Length);
        return items;
    }

    public object?[] Pop(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }
        return items;
    }

    /// <summary>Remembers the top value under the next number.</summary>
    public void Memoize() => Put((uint)memo.Count);

    public void Put(uint index)
    {
        if (memo.Count >= MaxMemo)
        {
            throw input.Error($"more than {MaxMemo} remembered values");
        }
        memo[index] = Peek();
    }

    public object? Get(uint index) =>
        memo.TryGetValue(index, out var value) ? value : throw input.Error($"value {index} was never remembered");

    /// <summary>Values below the last mark belong to an enclosing construction.</summary>
    private void RequireValue()
    {
        if (values.Count <= (marks.Count > 0 ? marks[^1] : 0))
        {
            throw input.Error("a value is missing on the stack");
        }
    }
}
