using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>Whether the outputs change when one reader gets a variable's values of another sequence.</summary>
/// <param name="Fixed">With sequences of the same length.</param>
/// <param name="AnyLength">With sequences of the same or of different lengths, which variables of position need.</param>
public sealed record CausalEffect(bool Fixed, bool AnyLength);

/// <summary>
/// Which reads of a program matter on its inputs, by interchange in the interpreter, edge by edge: structure says what weights can transmit, this says
/// what ever changes an output (a position, say, is the same in all sequences of one length). No effect means none was found in the pairs tried.
/// </summary>
public sealed class CausalEffects
{
    private readonly KnownProgram _program;
    private readonly List<(IReadOnlyList<Value> Base, IReadOnlyList<Value> Source)> _same = [], _longer = [];
    private readonly Dictionary<(string Reader, int Input), CausalEffect> _inputs = [];
    private readonly Dictionary<string, CausalEffect> _wholes = [];

    /// <summary>Tries pairs of sequences of the program's distribution.</summary>
    /// <param name="program">The program.</param>
    /// <param name="pairs">How many of the same length, and as many again whose source is longer.</param>
    /// <param name="seed">Seed of the sequences.</param>
    public CausalEffects(KnownProgram program, int pairs = 100, int seed = 0)
    {
        _program = program;
        var random = new Random(seed);
        for (var pair = 0; pair < pairs; pair++)
        {
            var length = 1 + (pair % program.MaxLength);
            _same.Add((program.Sample(random, length), program.Sample(random, length)));
            if (length < program.MaxLength)
                _longer.Add((program.Sample(random, length), program.Sample(random, random.Next(length + 1, program.MaxLength + 1))));
        }

        foreach (var node in program.Variables)
        {
            for (var input = 0; input < node.Inputs.Count; input++)
                _inputs[(program.Names[node], input)] = Effect(node, input);
            _wholes[program.Names[node]] = Effect(node, null);
        }
    }

    /// <summary>Effect of one input on the outputs through one reader.</summary>
    /// <param name="reader">Name of the variable that reads.</param>
    /// <param name="input">Which input: of attention 0 keys, 1 queries, 2 the value.</param>
    public CausalEffect Of(string reader, int input) => _inputs[(reader, input)];

    /// <summary>Effect of a variable through all its readers.</summary>
    public CausalEffect Of(string variable) => _wholes[variable];

    private CausalEffect Effect(SequenceOperator node, int? input)
    {
        var isFixed = _same.Any(pair => Changes(node, input, pair.Base, pair.Source));
        return new CausalEffect(isFixed, isFixed || _longer.Any(pair => Changes(node, input, pair.Base, pair.Source)));
    }

    private bool Changes(SequenceOperator node, int? input, IReadOnlyList<Value> tokens, IReadOnlyList<Value> source)
    {
        try
        {
            var (run, other) = (_program.Run(tokens), _program.Run(source));
            IReadOnlyList<Value?> From(SequenceOperator variable) => [.. other[variable].Take(tokens.Count)];
            var replaced = input is null ? From(node)
                : Interpreter.Evaluate(node, [.. node.Inputs.Select((read, at) => at == input ? From(read) : run[read])], tokens, _program.IsCausal);
            if (replaced.SequenceEqual(run[node]))
                return false;
            var changed = _program.Run(tokens, new Dictionary<SequenceOperator, IReadOnlyList<Value?>>(ReferenceEqualityComparer.Instance) { [node] = replaced });
            return _program.Outputs.Any(output => !changed[output].SequenceEqual(run[output]));
        }
        catch (RaspException)
        {
            return false; // the program has no meaning with these values, so that they show nothing
        }
    }
}
