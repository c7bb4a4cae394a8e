using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>
/// A residual stream as one who adds parts to a model sees it: what there is to read, and the free directions, which no variable is read from. The circuit
/// reads variables only, so whatever is written there changes nothing.
/// </summary>
internal sealed class StreamSpace
{
    private readonly Tensor _everything, _values; // [d_model, quantity], each quantity of about 1
    private readonly double _everythingScale, _valuesScale; // by which a random reading of them is of about 1

    public StreamSpace(ModelParts parts, Random random)
    {
        var (read, rank) = RandomTensors.Span(cat([.. parts.Variables.Select(variable => variable.Reads)], dim: 1));
        Free = rank == parts.DModel ? zeros(0, parts.DModel, dtype: float64) : random.BasisOf(eye(parts.DModel, dtype: float64) - read, parts.DModel - rank).T.contiguous();
        Bos = parts.Variables.First(variable => variable.Id == "bos").Reads.select(1, 0);
        Codes = cat([.. parts.Variables.Select(variable => variable.Writes), Free], dim: 0);

        KnownVariable[] values = [.. parts.Variables.Where(variable => variable.Values.Count > 0)]; // what a selector width counts with is not zero at BOS
        _values = cat([.. values.Select(Normalized)], dim: 1);
        _everything = cat([.. parts.Variables.Select(Normalized), Free.T], dim: 1);
        (_valuesScale, _everythingScale) = (1 / Math.Sqrt(values.Length), 1 / Math.Sqrt(parts.Variables.Count + Free.shape[0]));
    }

    /// <summary>Free directions, orthonormal. [free, d_model]</summary>
    public Tensor Free { get; }

    /// <summary>What reads BOS. [d_model]</summary>
    public Tensor Bos { get; }

    /// <summary>What variables write, then the free directions. [code, d_model]</summary>
    public Tensor Codes { get; }

    /// <summary>The free directions, of which there must be some.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public Tensor RequireFree() => Free.shape[0] > 0 ? Free
        : throw new ArgumentException($"Distractors need directions that no variable is read from, but this model has none. Apply {nameof(AddDistractorDimensions)} before.");

    /// <summary>Weights that read everything at random: variables, BOS, free directions; what they find is of about 1.</summary>
    /// <returns>[d_model, width]</returns>
    public Tensor ReadEverything(Random random, int width) => _everything.matmul(random.Gaussian(_everything.shape[1], width)) * _everythingScale;

    /// <summary>The same of variables of the program only: nothing at BOS.</summary>
    /// <returns>[d_model, width]</returns>
    public Tensor ReadValues(Random random, int width) => _values.matmul(random.Gaussian(_values.shape[1], width)) * _valuesScale;

    private static Tensor Normalized(KnownVariable variable) => variable.Encoding is Encoding.Numerical && variable.Values.Count > 0
        ? variable.Reads / Math.Max(1, variable.Values.Max(value => Math.Abs((double)value.Number))) : variable.Reads;
}
