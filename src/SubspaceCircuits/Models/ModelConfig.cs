namespace SubspaceCircuits.Models;

/// <summary>The non-linearity of the MLPs.</summary>
public enum Activation
{
    /// <summary>Exact GELU, x·Φ(x).</summary>
    Gelu,

    /// <summary>The tanh approximation of GELU that GPT-2 uses (<c>gelu_new</c>).</summary>
    GeluNew,

    /// <summary>max(x, 0).</summary>
    Relu,
}

/// <summary>What stands before every reader of the residual stream.</summary>
public enum Normalization
{
    /// <summary>Nothing: readers see the residual stream itself, as in compiled models.</summary>
    None,

    /// <summary>LayerNorm with a learned scale and shift.</summary>
    LayerNorm,
}

/// <summary>Sizes and choices of a transformer with learned positions. Names as in TransformerLens.</summary>
public sealed record ModelConfig
{
    /// <summary>Number of blocks, at least 1.</summary>
    public required int NLayers { get; init; }

    /// <summary>Attention heads in each block, at least 1.</summary>
    public required int NHeads { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int DModel { get; init; }

    /// <summary>Width of one head. Scores are divided by its square root.</summary>
    public required int DHead { get; init; }

    /// <summary>Neurons in each MLP, or null for an attention-only model.</summary>
    public int? DMlp { get; init; }

    /// <summary>Number of tokens.</summary>
    public required int DVocab { get; init; }

    /// <summary>Number of logits; that of the tokens unless it is set, as for models that compute something else than the next token.</summary>
    public int DVocabOut { get => field > 0 ? field : DVocab; init; }

    /// <summary>Whether a position sees earlier positions and itself only, as in language models; else it sees all.</summary>
    public bool IsCausal { get; init; } = true;

    /// <summary>Longest context, BOS included.</summary>
    public required int NCtx { get; init; }

    /// <summary>Non-linearity of the MLPs; of no meaning without MLPs.</summary>
    public Activation Activation { get; init; } = Activation.GeluNew;

    /// <summary>Normalisation before attention, MLP and unembedding.</summary>
    public Normalization Normalization { get; init; } = Normalization.LayerNorm;

    /// <summary>Added to the variance inside LayerNorm.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Whether the model has attention only.</summary>
    public bool IsAttentionOnly => DMlp is null;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A size is not positive, or epsilon is negative.</exception>
    public void Validate()
    {
        foreach (var (name, value) in new (string, int)[] { (nameof(NLayers), NLayers), (nameof(NHeads), NHeads), (nameof(DModel), DModel),
            (nameof(DHead), DHead), (nameof(DMlp), DMlp ?? 1), (nameof(DVocab), DVocab), (nameof(DVocabOut), DVocabOut), (nameof(NCtx), NCtx) })
        {
            if (value < 1)
                throw new ArgumentException($"{name} must be at least 1, but is {value}.");
        }

        if (!(Epsilon >= 0 && double.IsFinite(Epsilon)))
            throw new ArgumentException($"{nameof(Epsilon)} must be zero or more, but is {Epsilon}.");
    }
}
