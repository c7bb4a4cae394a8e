namespace SubspaceCircuits.Models;

/// <summary>Scale and shift of a LayerNorm.</summary>
/// <param name="W">[d_model]</param>
/// <param name="B">[d_model]</param>
public sealed record LayerNormWeights(Tensor W, Tensor B);

/// <summary>One block's attention; names as in TransformerLens.</summary>
/// <param name="WQ">[head, d_model, d_head]</param>
/// <param name="WK">[head, d_model, d_head]</param>
/// <param name="WV">[head, d_model, d_head]</param>
/// <param name="WO">[head, d_head, d_model]</param>
/// <param name="BQ">[head, d_head]</param>
/// <param name="BK">[head, d_head]</param>
/// <param name="BV">[head, d_head]</param>
/// <param name="BO">[d_model]</param>
public sealed record AttentionWeights(Tensor WQ, Tensor WK, Tensor WV, Tensor WO, Tensor BQ, Tensor BK, Tensor BV, Tensor BO);

/// <summary>One block's MLP.</summary>
/// <param name="WIn">[d_model, d_mlp]</param>
/// <param name="BIn">[d_mlp]</param>
/// <param name="WOut">[d_mlp, d_model]</param>
/// <param name="BOut">[d_model]</param>
public sealed record MlpWeights(Tensor WIn, Tensor BIn, Tensor WOut, Tensor BOut);

/// <summary>One block. Norms are null where the model has none, the MLP where the model is attention-only.</summary>
public sealed record BlockWeights(LayerNormWeights? Ln1, AttentionWeights Attention, LayerNormWeights? Ln2, MlpWeights? Mlp);

/// <summary>All weights of a transformer. Owns its tensors and disposes them.</summary>
public sealed class Weights : IDisposable
{
    /// <summary>Takes ownership of the tensors: they leave the caller's dispose scope.</summary>
    /// <exception cref="ArgumentException">A tensor does not have the shape that <paramref name="config"/> asks for.</exception>
    public Weights(ModelConfig config, Tensor wE, Tensor wPos, IReadOnlyList<BlockWeights> blocks, LayerNormWeights? lnFinal, Tensor wU, Tensor bU)
    {
        config.Validate();
        (Config, WE, WPos, Blocks, LnFinal, WU, BU) = (config, wE, wPos, blocks, lnFinal, wU, bU);
        foreach (var (name, tensor) in Named())
        {
            WeightNames.RequireShape(config, name, tensor);
            tensor.DetachFromDisposeScope();
        }
    }

    /// <summary>Sizes and choices.</summary>
    public ModelConfig Config { get; }

    /// <summary>Token embedding. [vocab, d_model]</summary>
    public Tensor WE { get; }

    /// <summary>Position embedding. [n_ctx, d_model]</summary>
    public Tensor WPos { get; }

    /// <summary>The blocks, first to last.</summary>
    public IReadOnlyList<BlockWeights> Blocks { get; }

    /// <summary>The norm before the unembedding, where the model has norms.</summary>
    public LayerNormWeights? LnFinal { get; }

    /// <summary>Unembedding. [d_model, vocab_out]</summary>
    public Tensor WU { get; }

    /// <summary>Bias of the logits. [vocab_out]</summary>
    public Tensor BU { get; }

    /// <summary>Every tensor under its TransformerLens name (<c>blocks.0.attn.W_Q</c>), in the order of the computation.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Named() => WeightNames.Enumerate(this);

    /// <summary>A copy in another type or on another device, owned by the caller.</summary>
    public Weights To(ScalarType type, Device? device = null)
    {
        Tensor Copy(Tensor tensor) => tensor.detach().to(type, device ?? tensor.device, copy: true);
        using var scope = NewDisposeScope();
        var named = Named().ToDictionary(pair => pair.Name, pair => Copy(pair.Tensor));
        return WeightNames.Assemble(Config, name => named[name]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, tensor) in Named())
            tensor.Dispose();
    }
}
