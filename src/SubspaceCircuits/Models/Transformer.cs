namespace SubspaceCircuits.Models;

/// <summary>
/// The forward pass of a pre-norm transformer, causal or bidirectional: a function of weights and tokens, with a hook point at
/// every activation (Vaswani et al. 2017; Radford et al. 2019; names as in TransformerLens).
/// </summary>
public static class Transformer
{
    /// <summary>Runs the model.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="tokens">Token ids, int64. [batch, pos]</param>
    /// <param name="positions">Position ids, int64; null means 0, 1, 2, … [batch, pos] or [pos]</param>
    /// <param name="hooks">What to keep and replace on the way.</param>
    /// <param name="stopAtLayer">
    /// Stop before this block, 0 to <c>NLayers</c> (after the last block), and return the residual stream there; null runs to the logits.
    /// </param>
    /// <returns>Logits [batch, pos, vocab_out], or the residual stream [batch, pos, d_model] when stopped.</returns>
    /// <exception cref="ArgumentException">Tokens or positions have the wrong shape, or are out of range.</exception>
    public static Tensor Forward(Weights weights, Tensor tokens, Tensor? positions = null, Hooks? hooks = null, int? stopAtLayer = null)
    {
        var config = weights.Config;
        using var scope = NewDisposeScope();
        CheckTokens(config, tokens);
        positions ??= arange(tokens.shape[1], dtype: int64, device: tokens.device);
        CheckPositions(config, tokens, positions);
        if (stopAtLayer is < 0 || stopAtLayer > config.NLayers)
            throw new ArgumentOutOfRangeException(nameof(stopAtLayer), $"The model has {config.NLayers} blocks, so a run stops at 0 to {config.NLayers}, not at {stopAtLayer}.");
        hooks ??= new Hooks();
        hooks.Forget();

        var residual = Embed(weights, tokens, positions, hooks); // [batch, pos, d_model]
        var mask = Mask(config, tokens.shape[^1], residual);     // [query, key]
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            if (layer == stopAtLayer)
                return residual.MoveToOuterDisposeScope();
            residual = Block(config, weights.Blocks[layer], layer, residual, mask, hooks);
        }

        return (stopAtLayer == config.NLayers ? residual : Unembed(weights, residual, hooks)).MoveToOuterDisposeScope();
    }

    /// <summary>LayerNorm as a function: <c>(x − mean)/√(variance + ε)·w + b</c> over the last dimension; the identity where the model has none.</summary>
    /// <param name="x">[..., d_model]</param>
    /// <param name="norm">Scale and shift, or null.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="hooks">Hooks, for the scale.</param>
    /// <param name="scalePoint">Hook point of the scale.</param>
    /// <returns>[..., d_model]</returns>
    internal static Tensor Normalize(Tensor x, LayerNormWeights? norm, double epsilon, Hooks hooks, HookPoint scalePoint)
    {
        if (norm is null)
            return x;
        if (!hooks.Wants(scalePoint))
            return nn.functional.layer_norm(x, [x.shape[^1]], norm.W, norm.B, epsilon);

        var centred = x - x.mean([-1], keepdim: true);
        var scale = hooks.At(scalePoint, (centred.square().mean([-1], keepdim: true) + epsilon).sqrt()); // [..., 1]
        return centred / scale * norm.W + norm.B;
    }

    /// <summary>The MLP of a block on a normalised input.</summary>
    /// <param name="config">Gives the non-linearity.</param>
    /// <param name="mlp">Weights.</param>
    /// <param name="y">Normalised residual stream. [..., d_model]</param>
    /// <param name="layer">Block, for the hook points.</param>
    /// <param name="hooks">Hooks.</param>
    /// <returns>[..., d_model]</returns>
    internal static Tensor Mlp(ModelConfig config, MlpWeights mlp, Tensor y, int layer, Hooks hooks)
    {
        var pre = hooks.At(HookPoint.MlpPre(layer), y.matmul(mlp.WIn) + mlp.BIn); // [..., d_mlp]
        var post = hooks.At(HookPoint.MlpPost(layer), Activate(config.Activation, pre));
        return post.matmul(mlp.WOut) + mlp.BOut;
    }

    /// <summary>Additive mask: 0 where a key may be seen; in a causal model −∞ where it lies ahead.</summary>
    /// <returns>[query, key]</returns>
    internal static Tensor Mask(ModelConfig config, long length, Tensor like) => config.IsCausal
        ? full([length, length], float.NegativeInfinity, dtype: like.dtype, device: like.device).triu(1)
        : zeros([length, length], dtype: like.dtype, device: like.device);

    private static Tensor Embed(Weights weights, Tensor tokens, Tensor positions, Hooks hooks)
    {
        var embed = hooks.At(HookPoint.Embed, Rows(weights.WE, tokens));
        var position = Rows(weights.WPos, positions).expand_as(embed);
        return embed + hooks.At(HookPoint.PosEmbed, position);
    }

    /// <summary>Rows of a table by their ids.</summary>
    /// <returns>[..., d_model]</returns>
    private static Tensor Rows(Tensor table, Tensor ids) =>
        table.index_select(0, ids.reshape(-1)).reshape([.. ids.shape, table.shape[1]]);

    private static Tensor Block(ModelConfig config, BlockWeights block, int layer, Tensor residual, Tensor mask, Hooks hooks)
    {
        residual = hooks.At(HookPoint.ResidPre(layer), residual);
        return Write(config, block, layer, residual, Attend(config, block, layer, residual, mask, hooks), hooks);
    }

    /// <summary>The first half of a block: values mixed by the patterns of its heads.</summary>
    /// <returns>[batch, pos, head, d_head]</returns>
    internal static Tensor Attend(ModelConfig config, BlockWeights block, int layer, Tensor residual, Tensor mask, Hooks hooks)
    {
        var a = block.Attention;
        var y = Normalize(residual, block.Ln1, config.Epsilon, hooks, HookPoint.Ln1Scale(layer));
        Tensor Project(Tensor w, Tensor b) => einsum("bpd,hde->bphe", y, w) + b;                                   // [batch, pos, head, d_head]
        var q = hooks.At(HookPoint.Q(layer), Project(a.WQ, a.BQ));
        var k = hooks.At(HookPoint.K(layer), Project(a.WK, a.BK));
        var v = hooks.At(HookPoint.V(layer), Project(a.WV, a.BV));

        var scores = einsum("bqhe,bkhe->bhqk", q, k) / Math.Sqrt(a.WQ.shape[^1]) + mask;                           // [batch, head, query, key]
        var pattern = hooks.At(HookPoint.Pattern(layer), hooks.At(HookPoint.AttnScores(layer), scores).softmax(-1)); // [batch, head, query, key]
        return hooks.At(HookPoint.Z(layer), einsum("bhqk,bkhe->bqhe", pattern, v));
    }

    /// <summary>The second half of a block: what its heads and its MLP write. Every position is on its own here.</summary>
    /// <param name="config">Sizes and choices.</param>
    /// <param name="block">Weights.</param>
    /// <param name="layer">Block, for the hook points.</param>
    /// <param name="residual">The stream before the block. [batch, pos, d_model]</param>
    /// <param name="z">Mixed values. [batch, pos, head, d_head]</param>
    /// <param name="hooks">Hooks.</param>
    /// <returns>The stream after the block. [batch, pos, d_model]</returns>
    internal static Tensor Write(ModelConfig config, BlockWeights block, int layer, Tensor residual, Tensor z, Hooks hooks)
    {
        residual = residual + hooks.At(HookPoint.AttnOut(layer), Output(block.Attention, z, layer, hooks));
        if (block.Mlp is { } mlp)
        {
            residual = hooks.At(HookPoint.ResidMid(layer), residual);
            var read = Normalize(residual, block.Ln2, config.Epsilon, hooks, HookPoint.Ln2Scale(layer));
            residual = residual + hooks.At(HookPoint.MlpOut(layer), Mlp(config, mlp, read, layer, hooks));
        }

        return hooks.At(HookPoint.ResidPost(layer), residual);
    }

    private static Tensor Output(AttentionWeights a, Tensor z, int layer, Hooks hooks)
    {
        if (!hooks.Wants(HookPoint.Result(layer)))
            return einsum("bphe,hed->bpd", z, a.WO) + a.BO;
        var result = hooks.At(HookPoint.Result(layer), einsum("bphe,hed->bphd", z, a.WO));                         // [batch, pos, head, d_model]
        return result.sum(dim: 2) + a.BO;
    }

    /// <summary>Logits of the stream after the last block.</summary>
    /// <returns>[batch, pos, vocab]</returns>
    internal static Tensor Unembed(Weights weights, Tensor residual, Hooks hooks) =>
        Normalize(residual, weights.LnFinal, weights.Config.Epsilon, hooks, HookPoint.LnFinalScale).matmul(weights.WU) + weights.BU;

    /// <summary>The non-linearity of an MLP.</summary>
    internal static Tensor Activate(Activation activation, Tensor x) => activation switch
    {
        Activation.Relu => x.relu(),
        Activation.Gelu => nn.functional.gelu(x),
        _ => 0.5 * x * (1 + (Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x.pow(3))).tanh()),
    };

    private static void CheckTokens(ModelConfig config, Tensor tokens)
    {
        if (tokens.dim() != 2 || tokens.dtype != ScalarType.Int64 || tokens.numel() == 0)
            throw new ArgumentException($"Tokens should be int64 of shape [batch, pos] with at least one token, but are {tokens.dtype} of shape [{string.Join(", ", tokens.shape)}].");
        var (least, greatest) = Range(tokens);
        if (least < 0 || greatest >= config.DVocab)
            throw new ArgumentException($"Token ids should lie in 0..{config.DVocab - 1}, but run from {least} to {greatest}.");
    }

    private static void CheckPositions(ModelConfig config, Tensor tokens, Tensor positions)
    {
        var isOfShape = positions.dim() == 1 ? positions.shape[0] == tokens.shape[1] : positions.shape.AsSpan().SequenceEqual(tokens.shape);
        if (!isOfShape || positions.dtype != ScalarType.Int64)
            throw new ArgumentException($"Position ids should be int64, one for each of {tokens.shape[1]} tokens, but are {positions.dtype} of shape [{string.Join(", ", positions.shape)}].");
        var (least, greatest) = Range(positions);
        if (least < 0 || greatest >= config.NCtx)
            throw new ArgumentException($"The model has {config.NCtx} positions, but position {(least < 0 ? least : greatest)} was asked for.");
    }

    private static (long Least, long Greatest) Range(Tensor ids) => (ids.min().item<long>(), ids.max().item<long>());
}
