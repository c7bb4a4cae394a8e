namespace SubspaceCircuits.Models;

/// <summary>TransformerLens's name of an activation, such as <c>blocks.0.hook_resid_post</c>.</summary>
/// <param name="Name">The name.</param>
public readonly record struct HookPoint(string Name)
{
    /// <summary>Token embeddings. [batch, pos, d_model]</summary>
    public static HookPoint Embed { get; } = new("hook_embed");

    /// <summary>Position embeddings. [batch, pos, d_model]</summary>
    public static HookPoint PosEmbed { get; } = new("hook_pos_embed");

    /// <summary>1/scale is what the final LayerNorm multiplies with. [batch, pos, 1]</summary>
    public static HookPoint LnFinalScale { get; } = new("ln_final.hook_scale");

    /// <summary>The residual stream before a block. [batch, pos, d_model]</summary>
    public static HookPoint ResidPre(int layer) => new($"blocks.{layer}.hook_resid_pre");

    /// <summary>The residual stream between attention and MLP; attention-only blocks have none. [batch, pos, d_model]</summary>
    public static HookPoint ResidMid(int layer) => new($"blocks.{layer}.hook_resid_mid");

    /// <summary>The residual stream after a block. [batch, pos, d_model]</summary>
    public static HookPoint ResidPost(int layer) => new($"blocks.{layer}.hook_resid_post");

    /// <summary>√(variance + ε) of the LayerNorm before attention. [batch, pos, 1]</summary>
    public static HookPoint Ln1Scale(int layer) => new($"blocks.{layer}.ln1.hook_scale");

    /// <summary>√(variance + ε) of the LayerNorm before the MLP. [batch, pos, 1]</summary>
    public static HookPoint Ln2Scale(int layer) => new($"blocks.{layer}.ln2.hook_scale");

    /// <summary>Queries. [batch, pos, head, d_head]</summary>
    public static HookPoint Q(int layer) => Attn(layer, "q");

    /// <summary>Keys. [batch, pos, head, d_head]</summary>
    public static HookPoint K(int layer) => Attn(layer, "k");

    /// <summary>Values. [batch, pos, head, d_head]</summary>
    public static HookPoint V(int layer) => Attn(layer, "v");

    /// <summary>Scores after scaling, −∞ where the mask forbids. [batch, head, query, key]</summary>
    public static HookPoint AttnScores(int layer) => Attn(layer, "attn_scores");

    /// <summary>Softmax of the scores. [batch, head, query, key]</summary>
    public static HookPoint Pattern(int layer) => Attn(layer, "pattern");

    /// <summary>Values mixed by the pattern. [batch, pos, head, d_head]</summary>
    public static HookPoint Z(int layer) => Attn(layer, "z");

    /// <summary>What each head writes, without the common bias; computed only when asked for. [batch, pos, head, d_model]</summary>
    public static HookPoint Result(int layer) => Attn(layer, "result");

    /// <summary>What the attention of a block writes. [batch, pos, d_model]</summary>
    public static HookPoint AttnOut(int layer) => new($"blocks.{layer}.hook_attn_out");

    /// <summary>Neurons before the non-linearity. [batch, pos, d_mlp]</summary>
    public static HookPoint MlpPre(int layer) => new($"blocks.{layer}.mlp.hook_pre");

    /// <summary>Neurons after the non-linearity. [batch, pos, d_mlp]</summary>
    public static HookPoint MlpPost(int layer) => new($"blocks.{layer}.mlp.hook_post");

    /// <summary>What the MLP of a block writes. [batch, pos, d_model]</summary>
    public static HookPoint MlpOut(int layer) => new($"blocks.{layer}.hook_mlp_out");

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private static HookPoint Attn(int layer, string what) => new($"blocks.{layer}.attn.hook_{what}");
}
