using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Circuits;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Interventions;

/// <summary>The masked model against the model itself, with hooks in the place of removed edges.</summary>
public sealed class MaskedTransformerTests
{
    // Logits of the random models are of order one, and everything is float32: a few dozen sums of rounding errors of 6e-8.
    private const double Rounding = 2e-5;

    public static TheoryData<string> Kinds => RandomModel.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void With_all_edges_the_result_is_the_models_own(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);

        var logits = Masked(model, _ => false);

        var full = Transformer.Forward(model.Weights, model.Tokens);
        Near.Equal(full, logits, 1e-4);
        Near.Equal(0, Near.Difference(full, logits) / full.abs().max().item<float>(), 3e-6); // relative to the greatest logit
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_any_edge_the_logits_do_not_depend_on_the_input(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);

        var logits = Masked(model, _ => true); // [batch, pos, vocab]

        Near.Equal(logits[0, 0].expand_as(logits), logits, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_its_ov_edges_a_head_writes_only_its_constant_part(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        const int Layer = 1, Head = 1;

        var logits = Masked(model, edge => edge.Kind is EdgeKind.Ov && edge.Via == "a1.1");

        // The values of the mean activation, normalised with the stream's own σ.
        var (_, constant) = ReadParts(model, Layer);
        var (wV, bV) = (model.Weights.Blocks[Layer].Attention.WV[Head], model.Weights.Blocks[Layer].Attention.BV[Head]);
        using var hooks = new Hooks().Replace(HookPoint.V(Layer), v => WithHead(v, Head, dim: 2, constant.matmul(wV) + bV));
        ExpectChange(model, Transformer.Forward(model.Weights, model.Tokens, hooks: hooks), logits);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_one_ov_edge_a_head_does_not_carry_that_block(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        const int Layer = 0, Head = 1, From = 1, To = 0;
        var (read, write) = model.Model.AroundAttention(Layer);

        var logits = Masked(model, edge => edge.Kind is EdgeKind.Ov && edge.Via == "a0.1" && edge.From == $"{read.Site}/{From}" && edge.To == $"{write.Site}/{To}");

        // Of what the head writes, the part Σ_k A_qk (u_k P_j N/σ_k) W_V W_O P'_k is missing.
        var attention = model.Weights.Blocks[Layer].Attention;
        var carried = ReadVarying(model, Layer, Projector(read, From)).matmul(attention.WV[Head]).matmul(attention.WO[Head]).matmul(Projector(write, To)); // [batch, pos, d_model]
        var pattern = Run(model, HookPoint.Pattern(Layer)).select(1, Head);
        using var hooks = new Hooks().Replace(HookPoint.AttnOut(Layer), written => written - pattern.matmul(carried));
        ExpectChange(model, Transformer.Forward(model.Weights, model.Tokens, hooks: hooks), logits);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_one_qk_edge_the_score_lacks_that_term(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        const int Layer = 1, Head = 0, Query = 1, Key = 0;
        var (read, _) = model.Model.AroundAttention(Layer);

        var logits = Masked(model, edge => edge.Kind is EdgeKind.Qk && edge.Via == "a1.0" && edge.Query == $"{read.Site}/{Query}" && edge.Key == $"{read.Site}/{Key}");

        // u_q P_i N W_Q W_Kᵀ Nᵀ P_j u_kᵀ / √d_head with the true σ of query and key.
        var attention = model.Weights.Blocks[Layer].Attention;
        var queries = ReadVarying(model, Layer, Projector(read, Query)).matmul(attention.WQ[Head]); // [batch, pos, d_head]
        var keys = ReadVarying(model, Layer, Projector(read, Key)).matmul(attention.WK[Head]);
        ExpectChangedScores(model, Layer, Head, queries.matmul(keys.transpose(-2, -1)), logits);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_one_qk_edge_from_const_the_score_lacks_the_constant_querys_part(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        const int Layer = 1, Head = 1, Key = 0;
        var (read, _) = model.Model.AroundAttention(Layer);

        var logits = Masked(model, edge => edge.Kind is EdgeKind.Qk && edge.Via == "a1.1" && edge.Query == "const" && edge.Key == $"{read.Site}/{Key}");

        var attention = model.Weights.Blocks[Layer].Attention;
        var queries = ReadParts(model, Layer).Constant.matmul(attention.WQ[Head]) + attention.BQ[Head];
        var keys = ReadVarying(model, Layer, Projector(read, Key)).matmul(attention.WK[Head]);
        ExpectChangedScores(model, Layer, Head, queries.matmul(keys.transpose(-2, -1)), logits);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_one_passthrough_edge_the_stream_lacks_that_block(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var (read, write) = model.Model.AroundAttention(1);

        var logits = Masked(model, edge => edge.Kind is EdgeKind.Passthrough && edge.From == $"{read.Site}/0" && edge.To == $"{write.Site}/1");

        var lost = (Stream(model, 1) - read.Mean).matmul(Projector(read, 0)).matmul(Projector(write, 1));
        using var hooks = new Hooks().Replace(HookPoint.AttnOut(1), written => written - lost);
        ExpectChange(model, Transformer.Forward(model.Weights, model.Tokens, hooks: hooks), logits);
    }

    [Theory]
    [InlineData("GELU")]
    [InlineData("ReLU without norms")]
    public void Without_one_mlp_edge_its_target_is_computed_from_the_mean_of_that_source(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        const int Layer = 1;
        var (read, write) = model.Model.AroundMlp(Layer);

        var logits = Masked(model, edge => edge.Kind is EdgeKind.Mlp && edge.Via == "m1" && edge.From == $"{read.Site}/0" && edge.To == $"{write.Site}/1");

        var block = model.Weights.Blocks[Layer];
        var stream = Run(model, HookPoint.ResidMid(Layer));
        var seen = stream - (stream - read.Mean).matmul(Projector(read, 0));
        var input = block.Ln2 is { } norm ? (seen - seen.mean([-1], keepdim: true)) / Sigma(model, stream) * norm.W + norm.B : seen;
        var masked = Transformer.Mlp(model.Weights.Config, block.Mlp!, input, Layer, new Hooks());
        using var hooks = new Hooks().Replace(HookPoint.MlpOut(Layer), written => written + (masked - written).matmul(Projector(write, 1)));
        ExpectChange(model, Transformer.Forward(model.Weights, model.Tokens, hooks: hooks), logits);
    }

    [Theory]
    [InlineData(EdgeKind.Embed, "embed")]
    [InlineData(EdgeKind.Pos, "pos")]
    public void Without_one_embedding_edge_its_rows_have_their_mean_in_that_subspace(EdgeKind kind, string from)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var first = model.Partitions[0];

        var logits = Masked(model, edge => edge.Kind == kind && edge.To == $"{first.Site}/1");

        var mean = (kind is EdgeKind.Embed ? model.Weights.WE : model.Weights.WPos).mean([0]);
        Assert.Contains(CircuitBuilder.Candidates(model.Model).Edges, edge => edge.From == from);
        using var hooks = new Hooks().Replace(kind is EdgeKind.Embed ? HookPoint.Embed : HookPoint.PosEmbed, rows => rows - (rows - mean).matmul(Projector(first, 1)));
        ExpectChange(model, Transformer.Forward(model.Weights, model.Tokens, hooks: hooks), logits);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_one_unembedding_edge_the_logits_see_the_mean_of_that_subspace(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var last = model.Model.Last;

        var logits = Masked(model, edge => edge.Kind is EdgeKind.Unembed && edge.From == $"{last.Site}/1");

        var stream = Run(model, last.Site!.Value.HookPoint);
        var seen = stream - (stream - last.Mean).matmul(Projector(last, 1));
        var read = model.Weights.LnFinal is { } norm ? (seen - seen.mean([-1], keepdim: true)) / Sigma(model, stream) * norm.W + norm.B : seen;
        ExpectChange(model, read.matmul(model.Weights.WU) + model.Weights.BU, logits);
    }

    [Fact]
    public void Dispose_leaves_no_tensors_behind()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var circuit = CircuitBuilder.Candidates(model.Model);
        void RunOnce()
        {
            using var masked = new MaskedTransformer(model.Model, circuit);
            masked.Forward(model.Tokens).Dispose();
        }

        RunOnce();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        RunOnce();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Tensor Masked(RandomModel model, Func<CircuitEdge, bool> isRemoved)
    {
        var candidates = CircuitBuilder.Candidates(model.Model);
        using var masked = new MaskedTransformer(model.Model, candidates.Keep(edge => !isRemoved(edge)));
        return masked.Forward(model.Tokens);
    }

    private static void ExpectChangedScores(RandomModel model, int layer, int head, Tensor lost, Tensor logits)
    {
        var scores = Run(model, HookPoint.AttnScores(layer)).select(1, head) - lost / Math.Sqrt(model.Weights.Config.DHead); // [batch, query, key]
        using var hooks = new Hooks().Replace(HookPoint.AttnScores(layer), all => WithHead(all, head, dim: 1, scores));
        ExpectChange(model, Transformer.Forward(model.Weights, model.Tokens, hooks: hooks), logits);
    }

    /// <summary>The logits are those expected, and differ from those of the whole model.</summary>
    private static void ExpectChange(RandomModel model, Tensor expected, Tensor logits)
    {
        Assert.True(Near.Difference(Transformer.Forward(model.Weights, model.Tokens), expected) > 50 * Rounding, "The edge should matter, or the test says nothing.");
        Near.Equal(expected, logits, Rounding);
    }

    /// <summary>An activation with one head's part replaced.</summary>
    private static Tensor WithHead(Tensor activation, int head, int dim, Tensor replacement)
    {
        var result = activation.clone();
        result.select(dim, head).copy_(replacement);
        return result;
    }

    private static Tensor Run(RandomModel model, HookPoint point)
    {
        using var hooks = new Hooks(point);
        Transformer.Forward(model.Weights, model.Tokens, hooks: hooks);
        return hooks[point].clone();
    }

    /// <summary>The stream that the attention of a layer reads. [batch, pos, d_model]</summary>
    private static Tensor Stream(RandomModel model, int layer) => Run(model, HookPoint.ResidPre(layer));

    /// <summary>√(variance + ε), by itself. [batch, pos, 1]</summary>
    private static Tensor Sigma(RandomModel model, Tensor stream) => (stream.var(-1, unbiased: false, keepdim: true) + model.Weights.Config.Epsilon).sqrt();

    /// <summary>What the attention of a layer reads of a part of the stream's deviation from its mean: u P C Γ/σ. [batch, pos, d_model]</summary>
    private static Tensor ReadVarying(RandomModel model, int layer, Tensor projector)
    {
        var stream = Stream(model, layer);
        var part = (stream - model.Model.AroundAttention(layer).Read.Mean).matmul(projector);
        return model.Weights.Blocks[layer].Ln1 is { } norm ? (part - part.mean([-1], keepdim: true)) / Sigma(model, stream) * norm.W : part;
    }

    /// <summary>The two parts of what the attention of a layer reads: what varies, and what the mean activation alone would give.</summary>
    private static (Tensor Varying, Tensor Constant) ReadParts(RandomModel model, int layer)
    {
        var varying = ReadVarying(model, layer, eye(10));
        var stream = Stream(model, layer);
        var read = model.Weights.Blocks[layer].Ln1 is { } norm ? nn.functional.layer_norm(stream, [10], norm.W, norm.B, model.Weights.Config.Epsilon) : stream;
        return (varying, read - varying);
    }

    private static Tensor Projector(Partition partition, int unit) => partition.Basis(unit).matmul(partition.Basis(unit).T);
}
