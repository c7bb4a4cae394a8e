using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Compiling;

/// <summary>A block of coordinates of the residual stream.</summary>
/// <param name="Id">Name, unique in the model.</param>
/// <param name="First">Its first coordinate.</param>
/// <param name="Size">How many.</param>
internal sealed record ResidualBlock(string Id, int First, int Size);

/// <summary>
/// The residual stream of a compiled program: BOS, padding where there is any, then a block for every variable, inputs first; a direction for each value of a
/// categorical variable, one for a numerical one. A selector width has one direction more, for what its head writes.
/// </summary>
internal sealed class Layout
{
    private readonly Dictionary<SequenceOperator, ResidualBlock> _blocks = new(ReferenceEqualityComparer.Instance), _scratch = new(ReferenceEqualityComparer.Instance);

    public Layout(KnownProgram program, IReadOnlyDictionary<SequenceOperator, ValueSet> sets, bool hasPad)
    {
        Sets = sets;
        Bos = Add("bos", 1);
        Pad = hasPad ? Add("pad", 1) : null;
        foreach (var node in program.Variables)
        {
            var name = program.Names[node];
            if (node is SelectorWidth)
                _scratch[node] = Add($"{name}.scratch", 1);
            _blocks[node] = Add(name, node.Encoding is Encoding.Categorical ? sets[node].Values.Count : 1);
        }
    }

    /// <summary>Values of every variable.</summary>
    public IReadOnlyDictionary<SequenceOperator, ValueSet> Sets { get; }

    public ResidualBlock Bos { get; }

    public ResidualBlock? Pad { get; }

    /// <summary>Coordinates in all.</summary>
    public int DModel { get; private set; }

    /// <summary>The block of a variable.</summary>
    public ResidualBlock this[SequenceOperator node] => _blocks[node];

    /// <summary>The direction that the head of a selector width writes.</summary>
    public ResidualBlock Scratch(SequenceOperator node) => _scratch[node];

    /// <summary>Coordinates that a value sets, and to what: of a categorical variable one to 1; of None nothing.</summary>
    public IEnumerable<(int Coordinate, double Value)> Code(SequenceOperator node, Value? value)
    {
        var block = _blocks[node];
        if (value is null)
            return [];
        return node.Encoding is Encoding.Numerical ? [(block.First, (double)value.Number)] : [(block.First + IndexOf(node, value), 1)];
    }

    private int IndexOf(SequenceOperator node, Value value)
    {
        var values = Sets[node].Values;
        var index = Enumerable.Range(0, values.Count).FirstOrDefault(at => values[at] == value, -1);
        return index >= 0 ? index : throw new RaspException($"{node} can become {value}, which is not among the values declared for it.");
    }

    private ResidualBlock Add(string id, int size)
    {
        DModel += size;
        return new ResidualBlock(id, DModel - size, size);
    }
}
