using SubspaceCircuits.Models;

namespace SubspaceCircuits.Training.Engine;

/// <summary>A matrix or vector within the flat parameters. Rows are padded with zeros to <paramref name="Stride"/>.</summary>
/// <param name="Start">Index of its first element.</param>
/// <param name="Rows">Rows, padding included.</param>
/// <param name="Stride">Elements from row to row, a multiple of <see cref="Lanes.Width"/>.</param>
internal readonly record struct Slice(int Start, int Rows, int Stride)
{
    public int Length => Rows * Stride;
}

/// <summary>Where the parameters of one block lie. Queries stand apart from keys and values, because the last block needs fewer queries.</summary>
internal sealed record BlockLayout(Slice Ln1W, Slice Ln1B, Slice WQ, Slice BQ, Slice WKV, Slice BKV, Slice WO, Slice BO,
    Slice Ln2W, Slice Ln2B, Slice WIn, Slice BIn, Slice WOut, Slice BOut);

/// <summary>
/// All parameters of a transformer in one array, in the order and padding that the engine computes with; padded elements are zero and
/// have zero gradient, so that optimisers may treat all elements alike.
/// </summary>
internal sealed class ParameterLayout
{
    private readonly List<(Slice Slice, bool IsMatrix)> _all = [];

    /// <exception cref="ArgumentException">The model is not causal, or its logits are not those of its tokens.</exception>
    public ParameterLayout(ModelConfig config)
    {
        if (!config.IsCausal || config.DVocabOut != config.DVocab)
            throw new ArgumentException($"A model is trained on the next token, so it must be causal with a logit for each of its {config.DVocab} tokens; this one {(config.IsCausal ? $"has {config.DVocabOut} logits" : "sees later positions")}.");
        Config = config;
        (DModel, DHead, DMlp, DVocab) = (Lanes.Pad(config.DModel), Lanes.Pad(config.DHead), Lanes.Pad(config.DMlp ?? 0), Lanes.Pad(config.DVocab));
        Embed = Matrix(config.DVocab, DModel);
        Positions = Matrix(config.NCtx, DModel);
        Blocks = [.. Enumerable.Range(0, config.NLayers).Select(_ => new BlockLayout(Norm(), Norm(), Matrix(DModel, Heads), Vector(Heads), Matrix(DModel, 2 * Heads), Vector(2 * Heads),
            Matrix(Heads, DModel), Vector(DModel), Norm(), Norm(), Matrix(DModel, DMlp), Vector(DMlp), Matrix(DMlp, DModel), Vector(DModel)))];
        (LnFinalW, LnFinalB, Unembed, UnembedBias) = (Norm(), Norm(), Matrix(DModel, DVocab), Vector(DVocab));
        Slice Norm() => Vector(DModel);
    }

    public ModelConfig Config { get; }

    /// <summary>Padded widths.</summary>
    public int DModel { get; }

    public int DHead { get; }

    public int DMlp { get; }

    public int DVocab { get; }

    /// <summary>Width of all heads side by side.</summary>
    public int Heads => Config.NHeads * DHead;

    public Slice Embed { get; }

    public Slice Positions { get; }

    public IReadOnlyList<BlockLayout> Blocks { get; }

    public Slice LnFinalW { get; }

    public Slice LnFinalB { get; }

    public Slice Unembed { get; }

    public Slice UnembedBias { get; }

    /// <summary>Number of elements, padding included.</summary>
    public int Length { get; private set; }

    /// <summary>1 for every element of a matrix, 0 for biases and norms: where weight decay acts.</summary>
    public float[] MatrixMask()
    {
        var mask = new float[Length];
        foreach (var (slice, _) in _all.Where(entry => entry.IsMatrix))
            mask.AsSpan(slice.Start, slice.Length).Fill(1);
        return mask;
    }

    private Slice Matrix(int rows, int stride) => Add(new Slice(Length, rows, stride), isMatrix: true);

    private Slice Vector(int length) => Add(new Slice(Length, 1, length), isMatrix: false);

    private Slice Add(Slice slice, bool isMatrix)
    {
        if ((long)slice.Rows * slice.Stride + Length > Array.MaxLength)
            throw new ArgumentException($"A model with {slice.Rows} x {slice.Stride} elements in one matrix is too large to be trained here: at most {Array.MaxLength} parameters. Lower d_model or the layers.");
        _all.Add((slice, isMatrix));
        Length += slice.Length;
        return slice;
    }
}
