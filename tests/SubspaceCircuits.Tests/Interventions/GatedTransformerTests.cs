using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Circuits;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Interventions;

/// <summary>The gated model against the model itself, with hooks in the place of removed edges.</summary>
public sealed class GatedTransformerTests
{
    // Logits of the random models are of order one, and everything is float32: a few dozen sums of rounding errors of 6e-8.
    private const double Rounding = 2e-5;

    public static TheoryData<string> Kinds => RandomModel.Kinds;

    public static MatrixTheoryData<string, Ablation> KindsAndAblations => new([.. RandomModel.Kinds.Select(row => row.Data)], [Ablation.Mean, Ablation.Zero, Ablation.Resample]);

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
    [MemberData(nameof(KindsAndAblations))]
    public void Every_single_edge_does_what_hooks_do_at_its_place(string kind, Ablation ablation)
    {
        const double Tolerance = 1e-9; // double precision
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind, type: ScalarType.Float64);
        using var donors = RandomModel.OfKind(kind, seed: 2);
        var candidates = CircuitBuilder.Candidates(model.Model);
        using var gated = new GatedTransformer(model.Model, candidates, ablation);
        var full = Transformer.Forward(model.Weights, model.Tokens);
        var mattering = 0;
        for (var at = 0; at < candidates.Edges.Count; at++)
        {
            using var inner = NewDisposeScope();
            var edge = candidates.Edges[at];
            var gates = ones(candidates.Edges.Count, dtype: float64);
            gates[at] = 0.0;

            var logits = gated.Forward(new GatedInput(model.Tokens, donors.Tokens), gates);

            var expected = new SingleEdge(model, ablation, donors.Tokens).Logits(edge);
            Assert.True(Near.Difference(expected, logits) < Tolerance, $"{edge.Kind} {edge.Via} {edge.From ?? edge.Query} -> {edge.To ?? edge.Key}: off by {Near.Difference(expected, logits):g3}");
            mattering += Near.Difference(full, expected) > 1e-3 ? 1 : 0;
        }

        Assert.True(mattering > candidates.Edges.Count / 2, $"Of {candidates.Edges.Count} edges only {mattering} matter: the test says little.");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Without_its_qk_edges_a_head_looks_by_its_constants(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        const int Layer = 1, Head = 0;

        var logits = Masked(model, edge => edge.Kind is EdgeKind.Qk && edge.Via == "a1.0");

        // What is left of the score: the constant query, and the varying one, with the constant key.
        var (varying, constant) = ReadParts(model, Layer);
        var a = model.Weights.Blocks[Layer].Attention;
        var scores = (varying + constant).matmul(a.WQ[Head]).add(a.BQ[Head]).matmul((constant.matmul(a.WK[Head]) + a.BK[Head]).expand(model.Tokens.shape[0], model.Tokens.shape[1], -1).transpose(-2, -1)) / Math.Sqrt(model.Weights.Config.DHead);
        var mask = Transformer.Mask(model.Weights.Config, model.Tokens.shape[1], scores);
        using var hooks = new Hooks().Replace(HookPoint.AttnScores(Layer), all => WithHead(all, Head, dim: 1, scores + mask));
        ExpectChange(model, Transformer.Forward(model.Weights, model.Tokens, hooks: hooks), logits);
    }

    [Theory]
    [InlineData("GELU")]
    [InlineData("tanh GELU")]
    [InlineData("ReLU without norms")]
    public void Without_its_edges_an_mlp_writes_what_it_does_at_the_mean(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        const int Layer = 1;

        var logits = Masked(model, edge => edge.Kind is EdgeKind.Mlp && edge.Via == "m1");

        var (block, mean) = (model.Weights.Blocks[Layer], model.Model.AroundMlp(Layer).Read.Mean);
        var stream = Run(model, HookPoint.ResidMid(Layer));
        var input = block.Ln2 is { } norm ? (mean - mean.mean()) / Sigma(model, stream) * norm.W + norm.B : mean.expand_as(stream);
        using var hooks = new Hooks().Replace(HookPoint.MlpOut(Layer), _ => Transformer.Mlp(model.Weights.Config, block.Mlp!, input, Layer, new Hooks()));
        ExpectChange(model, Transformer.Forward(model.Weights, model.Tokens, hooks: hooks), logits);
    }

    [Theory]
    [MemberData(nameof(KindsAndAblations))]
    public void Derivatives_by_the_gates_are_finite_differences(string kind, Ablation ablation)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        using var donors = RandomModel.OfKind(kind, seed: 2);
        using var weights = model.Weights.To(ScalarType.Float64);
        var exact = new PartitionedModel(weights, model.Partitions);
        var candidates = CircuitBuilder.Candidates(exact);
        using var gated = new GatedTransformer(exact, candidates, ablation);
        var input = new GatedInput(model.Tokens, donors.Tokens);
        var weighting = randn(gated.Forward(input, ones(gated.EdgeCount, dtype: float64)).shape, dtype: float64, generator: new Generator(5));
        var gates = (0.5 + 0.5 * rand([model.Tokens.shape[0], gated.EdgeCount], dtype: float64, generator: new Generator(3))).requires_grad_();

        (gated.Forward(input, gates) * weighting).sum().backward();

        for (var edge = 0; edge < gated.EdgeCount; edge += 3)
        {
            using var inner = NewDisposeScope();
            Tensor Weighted(double change)
            {
                var moved = gates.detach().clone();
                moved.select(1, edge).add_(change);
                return (gated.Forward(input, moved) * weighting).sum(dim: [1, 2]);      // [batch]
            }

            const double Step = 1e-5;
            Near.Equal((Weighted(Step) - Weighted(-Step)) / (2 * Step), gates.grad!.select(1, edge), 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Interpolated_derivatives_are_those_of_fixed_differences(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var candidates = CircuitBuilder.Candidates(model.Model);
        using var gated = new GatedTransformer(model.Model, candidates);
        Tensor Derivatives(double interpolation)
        {
            var gates = ones(gated.EdgeCount).requires_grad_();
            gated.Forward(new GatedInput(model.Tokens, Interpolation: interpolation), gates).square().sum().backward();
            return gates.grad!;
        }

        // Close to 1, fixed differences are those of the run itself.
        var (whole, close) = (Derivatives(1), Derivatives(1 - 1e-5));
        Near.Equal(0, Near.Difference(whole, close) / whole.abs().max().item<float>(), 1e-3);

        // The embedding is nearest to the input: the derivative by its gates along the way is the way times the gradient at the point.
        var gates = ones(gated.EdgeCount).requires_grad_();
        var half = gated.Forward(new GatedInput(model.Tokens, Interpolation: .5), gates);
        var weights = model.Weights;
        var embed = weights.WE.index_select(0, model.Tokens.flatten()).reshape(model.Tokens.shape[0], -1, 10) - weights.WE.mean([0]);
        var pos = weights.WPos - weights.WPos.mean([0]);
        var point = (weights.WE.mean([0]) + weights.WPos.mean([0]) + 0.5 * embed + 0.5 * pos).detach().requires_grad_();
        using var hooks = new Hooks().Replace(HookPoint.ResidPre(0), _ => point);
        var explicitHalf = Transformer.Forward(weights, model.Tokens, hooks: hooks);
        Near.Equal(explicitHalf, half, 1e-4);
        half.sum().backward();
        explicitHalf.sum().backward();
        var first = model.Partitions[0];
        for (var at = 0; at < candidates.Edges.Count; at++)
        {
            if (candidates.Edges[at] is { Kind: EdgeKind.Embed, To: var to })
                Near.Equal((embed.matmul(Projector(first, to![^1] - '0')) * point.grad!).sum(), gates.grad![at], 1e-3);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Rows_of_gates_are_samples_of_their_own(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var candidates = CircuitBuilder.Candidates(model.Model);
        using var gated = new GatedTransformer(model.Model, candidates);
        var rows = rand([model.Tokens.shape[0], gated.EdgeCount], generator: new Generator(9)).round();

        var together = gated.Forward(new GatedInput(model.Tokens), rows);

        for (var sample = 0; sample < rows.shape[0]; sample++)
            Near.Equal(gated.Forward(new GatedInput(model.Tokens.narrow(0, sample, 1)), rows[sample]), together.narrow(0, sample, 1), Rounding);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Learned_constants_diverge_less_than_the_mean(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var candidates = CircuitBuilder.Candidates(model.Model);
        using var gated = new GatedTransformer(model.Model, candidates, Ablation.Optimal);
        using var mean = new GatedTransformer(model.Model, candidates);
        var input = new GatedInput(model.Tokens);
        var gates = rand([gated.EdgeCount], generator: new Generator(4)).round();
        Near.Equal(mean.Forward(input, gates), gated.Forward(input, gates), Rounding);
        var full = Transformer.Forward(model.Weights, model.Tokens);
        using var adam = optim.Adam(gated.Learnables.Select(one => one.Tensor), lr: 0.02);
        float Step()
        {
            adam.zero_grad();
            var loss = (gated.Forward(input, gates) - full).square().mean();
            loss.backward();
            adam.step();
            return loss.item<float>();
        }

        var before = Step();
        for (var step = 0; step < 60; step++)
            Step();

        Assert.True(Step() < 0.9 * before);
        Assert.All(gated.Learnables.Select(one => one.Tensor).Where(constant => constant.grad is not null), constant => Assert.True(constant.isfinite().all().item<bool>()));
    }

    [Fact]
    public void A_circuit_that_lacks_a_candidate_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var candidates = CircuitBuilder.Candidates(model.Model);

        var error = Assert.Throws<ArgumentException>(() => new GatedTransformer(model.Model, candidates with { Edges = [.. candidates.Edges.Skip(1)] }));

        Assert.Contains("Embed edge from embed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_leaves_no_tensors_behind()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var circuit = CircuitBuilder.Candidates(model.Model);
        void RunOnce()
        {
            using var gated = new GatedTransformer(model.Model, circuit);
            using var gates = gated.GatesOf(circuit);
            gated.Forward(new GatedInput(model.Tokens), gates).Dispose();
        }

        RunOnce();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        RunOnce();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Tensor Masked(RandomModel model, Func<CircuitEdge, bool> isRemoved)
    {
        var candidates = CircuitBuilder.Candidates(model.Model);
        using var gated = new GatedTransformer(model.Model, candidates);
        return gated.Forward(new GatedInput(model.Tokens), gated.GatesOf(candidates.Keep(edge => !isRemoved(edge))));
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
