using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>How large a program is made.</summary>
/// <param name="Vocabulary">Number of different tokens.</param>
/// <param name="MaxLength">Longest sequence, BOS not counted.</param>
public sealed record ProgramSize(int Vocabulary, int MaxLength)
{
    /// <summary>The size of most programs that are shipped: all letters, 16 positions.</summary>
    public static ProgramSize Default { get; } = new(26, 16);
}

/// <summary>A program of any size, as it is listed.</summary>
/// <param name="Id">Name.</param>
/// <param name="Description">What it computes, in a few words.</param>
/// <param name="Tested">A small size, on which it is proven.</param>
/// <param name="Ship">A size with room for statistics, whose residual stream is not much wider than 400.</param>
/// <param name="Build">Makes the program of a size.</param>
public sealed record CatalogueEntry(string Id, string Description, ProgramSize Tested, ProgramSize Ship, Func<ProgramSize, KnownProgram> Build)
{
    /// <summary>The cases of InterpBench (Gupta et al. 2024) that compute the same; null where none does.</summary>
    public string? InterpBench { get; init; }

    /// <summary>A program whose attention sees earlier positions and its own only.</summary>
    internal static CatalogueEntry Causal(string id, string description, ProgramSize tested, Func<int, IReadOnlyList<Value>> vocabulary, Func<ProgramInputs, SequenceOperator> output,
        ProgramSize? ship = null, Sampling? sampling = null, string? interpBench = null) =>
        Of(id, description, tested, vocabulary, true, inputs => [output(inputs)], ship, sampling, interpBench);

    /// <summary>A program whose attention sees all positions.</summary>
    internal static CatalogueEntry Bidirectional(string id, string description, ProgramSize tested, Func<int, IReadOnlyList<Value>> vocabulary, Func<ProgramInputs, SequenceOperator> output,
        ProgramSize? ship = null, Sampling? sampling = null, string? interpBench = null) =>
        Of(id, description, tested, vocabulary, false, inputs => [output(inputs)], ship, sampling, interpBench);

    /// <summary>A program with any number of outputs over the same tokens.</summary>
    internal static CatalogueEntry Of(string id, string description, ProgramSize tested, Func<int, IReadOnlyList<Value>> vocabulary, bool isCausal,
        Func<ProgramInputs, IReadOnlyList<SequenceOperator>> outputs, ProgramSize? ship = null, Sampling? sampling = null, string? interpBench = null)
    {
        return new CatalogueEntry(id, description, tested, ship ?? ProgramSize.Default, Program) { InterpBench = interpBench };

        KnownProgram Program(ProgramSize size)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size.MaxLength, 1);
            var tokens = vocabulary(size.Vocabulary);
            return new KnownProgram(id, outputs(new ProgramInputs(new Tokens(), new Indices(), tokens, size.MaxLength)), tokens, size.MaxLength, isCausal)
            {
                Sampler = sampling is null ? null : (random, length) => sampling(tokens, random, length),
            };
        }
    }
}
