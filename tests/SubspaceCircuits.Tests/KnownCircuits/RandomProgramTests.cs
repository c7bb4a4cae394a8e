using SubspaceCircuits.Circuits;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits;

/// <summary>What holds for every program holds for random ones, on every sequence on which they are defined.</summary>
public class RandomProgramTests
{
    private const int Programs = 96;
    private const int FewestSequences = 5; // with less, a program says too little
    private const double BlockTolerance = 1e-9; // double precision; steps divide by gaps of 1/12 and more
    private const double DisguisedTolerance = 1e-6; // through bases of condition 10

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, Programs)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Compiled_is_interpreted_and_the_circuit_is_read_from_the_weights(int seed)
    {
        var program = RandomProgram.Draw(seed);
        var sequences = Defined(program);
        if (sequences.Count < FewestSequences)
            return;
        using var scope = NewDisposeScope();
        foreach (var hasPad in new[] { false, true })
        {
            var parts = Compiler.Compile(program, Options(seed) with { HasPad = hasPad });

            IsExact(program, parts, sequences, hasPad ? 2 : 0, BlockTolerance);
            foreach (var level in seed % 3 == 0 ? new[] { DisguiseLevel.D1, DisguiseLevel.D2 } : [])
                IsExact(program, DisguiseLevels.Apply(parts, level, seed).Parts, sequences, hasPad ? 2 : 0, DisguisedTolerance);
        }
    }

    [Fact]
    public void Two_of_three_programs_are_defined_on_enough_sequences()
    {
        var count = Enumerable.Range(0, Programs).Count(seed => Defined(RandomProgram.Draw(seed)).Count >= FewestSequences);

        Assert.InRange(count, 2 * Programs / 3, Programs);
    }

    [Fact]
    public void Every_kind_of_variable_is_drawn()
    {
        var kinds = Enumerable.Range(0, Programs).Where(seed => Defined(RandomProgram.Draw(seed)).Count >= FewestSequences).SelectMany(seed => RandomProgram.Draw(seed).Variables)
            .GroupBy(variable => (variable.GetType().Name, variable.Encoding, Input: variable is Map ? variable.Inputs[0].Encoding : (Encoding?)null))
            .ToDictionary(group => group.Key, group => group.Count());

        Assert.Equal(14, kinds.Count); // tokens, indices, and twelve kinds by encoding
        Assert.All(kinds, kind => Assert.InRange(kind.Value, 10, int.MaxValue));
    }

    private static CompilerOptions Options(int seed) => new() { UsesLeastRank = seed % 2 == 1, SharesSelectors = seed / 2 % 2 == 1, Kappa = seed / 4 % 2 == 1 ? 1 : null };

    private static void IsExact(KnownProgram program, ModelParts parts, IReadOnlyList<IReadOnlyList<Value>> sequences, int padding, double tolerance)
    {
        using var model = parts.Assemble(program.Id);
        using var known = new KnownSubspaces(model);

        var fit = ProgramCheck.Run(program, model, sequences, padding);
        var candidates = CircuitBuilder.Candidates(new PartitionedModel(model.Weights, known.Partitions));

        Assert.Equal((sequences.Count, 0), (fit.Sequences, fit.WrongOutputs));
        Assert.InRange(fit.BlockError, 0, tolerance);
        Assert.Equal(known.Truth(candidates).Kept.Select(known.Named(candidates).Named), CircuitSelection.ByStructure(candidates).Kept.Select(known.Named(candidates).Named));
    }

    private static IReadOnlyList<IReadOnlyList<Value>> Defined(KnownProgram program) => [.. ProgramCheck.AllSequences(program, 1000)!.Where(sequence =>
    {
        try
        {
            program.Run(sequence);
            return true;
        }
        catch (RaspException)
        {
            return false;
        }
    })];
}
