using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.Subspaces.Information;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>How the variables of a program vary together on its own inputs: all positions of sampled sequences, by the interpreter.</summary>
public sealed class VariableStatistics
{
    /// <summary>Share of the lesser entropy that two variables may share before no partition could tell them apart.</summary>
    public const double IdentifiableShare = 0.25;

    private const double LeastVariance = 1e-8;

    private readonly Dictionary<string, Value?[]> _values;
    private readonly Dictionary<string, string[]> _texts;

    /// <summary>Samples sequences.</summary>
    /// <param name="program">The program.</param>
    /// <param name="sequences">How many, of all lengths in turn.</param>
    /// <param name="seed">Seed of the sequences.</param>
    public VariableStatistics(KnownProgram program, int sequences = 500, int seed = 0)
    {
        var runs = ProgramCheck.Samples(program, sequences, seed).Select(sequence => program.Run(sequence)).ToArray();
        _values = program.Variables.ToDictionary(node => program.Names[node], node => runs.SelectMany(run => run[node]).ToArray());
        _texts = _values.ToDictionary(pair => pair.Key, pair => pair.Value.Select(value => $"{value}").ToArray());
    }

    /// <summary>Mutual information of two variables, bits (plug-in estimate); of one with itself its entropy.</summary>
    public double Bits(string a, string b) => PlugIn.Bits(_texts[a], _texts[b]);

    /// <summary>Whether the program has a variable of this name, as against what only its transformer has.</summary>
    public bool Has(string variable) => _values.ContainsKey(variable);

    /// <summary>Variables that share more than <see cref="IdentifiableShare"/> of the lesser entropy, directly or through others, together. A variable that does not vary is alone.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Groups(IReadOnlyList<string> variables)
    {
        var group = variables.ToDictionary(id => id, id => id);
        foreach (var a in variables)
        {
            foreach (var b in variables.TakeWhile(b => b != a))
            {
                var least = Math.Min(Bits(a, a), Bits(b, b));
                if (group[a] == group[b] || least <= 1e-9 || Bits(a, b) <= IdentifiableShare * least)
                    continue;
                var (from, to) = (group[a], group[b]);
                foreach (var member in variables.Where(id => group[id] == from))
                    group[member] = to;
            }
        }

        return [.. variables.GroupBy(id => group[id]).Select(members => (IReadOnlyList<string>)[.. members])];
    }

    /// <summary>The directions of a variable's subspace in which it varies: one-hot codes of a variable that is never None add up to a constant.</summary>
    /// <returns>Orthonormal columns. [d_model, active dims], float64</returns>
    public Tensor ActiveBasis(KnownVariable variable)
    {
        using var scope = NewDisposeScope();
        var rows = variable.Indicators(_values[variable.Id]).matmul(variable.Writes);   // [row, d_model]
        var (_, singular, directions) = linalg.svd(rows - rows.mean([0], keepdim: true), fullMatrices: false);
        var active = singular.square().div(rows.shape[0]).gt(LeastVariance).sum().item<long>();
        return directions.narrow(0, 0, active).T.contiguous().MoveToOuterDisposeScope();
    }
}
