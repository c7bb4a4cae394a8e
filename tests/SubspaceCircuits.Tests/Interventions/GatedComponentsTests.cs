using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tests.Circuits;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Interventions;

/// <summary>The gated model against the model itself, with hooks in the place of removed edges.</summary>
public sealed class GatedComponentsTests
{
    // Sums of some hundred products of numbers of order one, in the precision of the weights.
    private const double Rounding32 = 1e-5, Rounding64 = 1e-12;

    public static TheoryData<string> Kinds => RandomModel.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void With_all_edges_the_result_is_the_models_own(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        using var precise = model.Weights.To(float64);

        foreach (var (weights, rounding) in new[] { (model.Weights, Rounding32), (precise, Rounding64) })
        {
            foreach (var ablation in Enum.GetValues<Ablation>())
            {
                using var gated = Gated(weights, ablation);
                Near.Equal(Transformer.Forward(weights, model.Tokens), gated.Forward(Input(model, ablation), Ones(gated, weights)), rounding);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Removing_one_edge_is_path_patching_by_hooks(string kind)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        using var weights = model.Weights.To(float64);

        foreach (var ablation in Enum.GetValues<Ablation>())
        {
            using var gated = Gated(weights, ablation);
            var replaced = Replacements(weights, model, ablation);
            for (var edge = 0; edge < gated.EdgeCount; edge++)
            {
                using var inner = NewDisposeScope();
                var gates = Ones(gated, weights);
                gates[edge] = 0;
                Near.Equal(Patched(weights, model.Tokens, gated.Edges[edge], replaced), gated.Forward(Input(model, ablation), gates), Rounding64);
            }
        }
    }

    [Fact]
    public void Without_any_edge_the_logits_are_those_of_the_constants()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        foreach (var ablation in new[] { Ablation.Mean, Ablation.Zero, Ablation.Optimal })
        {
            using var gated = Gated(model.Weights, ablation);

            var logits = gated.Forward(Input(model, ablation), zeros(gated.EdgeCount)); // [batch, pos, vocab]

            Near.Equal(logits[0, 0].expand_as(logits), logits, Rounding32);
        }

        // With donors it is their run.
        using var resampling = Gated(model.Weights, Ablation.Resample);
        Near.Equal(Transformer.Forward(model.Weights, Donors(model)), resampling.Forward(Input(model, Ablation.Resample), zeros(resampling.EdgeCount)), Rounding32);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_of_the_gates_are_finite_differences(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        using var weights = model.Weights.To(float64);
        foreach (var (ablation, norm, interpolation) in from ablation in Enum.GetValues<Ablation>() from norm in Enum.GetValues<ComponentNorm>() from interpolation in new[] { .4, 1 } select (ablation, norm, interpolation))
        {
            using var inner = NewDisposeScope();
            using var gated = Gated(weights, ablation, norm);
            var input = Input(model, ablation) with { Interpolation = interpolation };
            var direction = randn([gated.EdgeCount], dtype: float64, generator: new Generator(3));
            Tensor Loss(Tensor at) => gated.Forward(input, at).square().sum();
            var start = interpolation < 1 ? ones(gated.EdgeCount, dtype: float64) : rand([gated.EdgeCount], dtype: float64, generator: new Generator(4));
            var gates = start.clone().requires_grad_();
            Loss(gates).backward();

            const double Step = 1e-5;
            var difference = ((Loss(start + (Step * direction)) - Loss(start - (Step * direction))) / (2 * Step)).item<double>();

            var derivative = gates.grad!.dot(direction).item<double>();
            Near.Equal(difference, derivative, 1e-6 * Math.Max(1, Math.Abs(difference)));
        }
    }

    [Fact]
    public void Rows_of_gates_are_runs_of_their_own()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("tanh GELU");
        foreach (var ablation in Enum.GetValues<Ablation>())
        {
            using var gated = Gated(model.Weights, ablation);
            var gates = rand([6, gated.EdgeCount], generator: new Generator(1));

            var logits = gated.Forward(Input(model, ablation), gates);

            for (var row = 0; row < 6; row++)
                Near.Equal(gated.Forward(Input(model, ablation), gates[row])[row], logits[row], Rounding32);
        }
    }

    [Fact]
    public void Derivative_below_full_interpolation_is_the_summand_of_integrated_gradients()
    {
        // EAP-IG (inputs): ⟨o_s(tokens) − a_s, ∂L/∂x_r⟩ of the run on embeddings in between; for edges into the logits the gradient of the final stream is known in closed form.
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("attention only without norms");
        using var weights = model.Weights.To(float64);
        using var gated = Gated(weights, Ablation.Mean);
        const double Interpolation = .3;
        var (clean, means) = Sources(weights, model.Tokens);
        using var hooks = new Hooks().Replace(HookPoint.Embed, x => means["embed"] + (Interpolation * (x - means["embed"]))).Replace(HookPoint.PosEmbed, x => means["pos"] + (Interpolation * (x - means["pos"])));
        var expected = Transformer.Forward(weights, model.Tokens, hooks: hooks);

        var gates = Ones(gated, weights).requires_grad_();
        var logits = gated.Forward(new GatedInput(model.Tokens, Interpolation: Interpolation), gates);
        logits.square().sum().backward();

        Near.Equal(expected, logits, Rounding64);
        var gradient = (2 * expected).matmul(weights.WU.T); // of the stream before the unembedding, [batch, pos, d_model]
        foreach (var (edge, (source, reader)) in gated.Edges.Index().Where(pair => pair.Item.Reader == "logits"))
            Near.Equal(((clean[source] - means[source]) * gradient).sum().item<double>(), gates.grad![edge].item<double>(), 1e-8);
    }

    [Fact]
    public void A_constant_norm_divides_by_the_mean_variance()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("attention only");
        using var weights = model.Weights.To(float64);
        using var gated = Gated(weights, Ablation.Mean, ComponentNorm.Constant);

        var logits = gated.Forward(new GatedInput(model.Tokens), Ones(gated, weights));

        using var hooks = new Hooks().Replace(HookPoint.Ln1Scale(0), Constant).Replace(HookPoint.Ln1Scale(1), Constant).Replace(HookPoint.LnFinalScale, Constant);
        Near.Equal(Transformer.Forward(weights, model.Tokens, hooks: hooks), logits, 1e-9);

        // The reference are these very tokens, so the constants are means over what the run itself sees; later sites see a stream that the earlier constants have changed.
        Tensor Constant(Tensor scale)
        {
            using var own = new Hooks(HookPoint.Ln1Scale(0), HookPoint.Ln1Scale(1), HookPoint.LnFinalScale);
            Transformer.Forward(weights, model.Tokens, hooks: own);
            _site = (_site + 1) % 3;
            var kept = own[_site switch { 0 => HookPoint.Ln1Scale(0), 1 => HookPoint.Ln1Scale(1), _ => HookPoint.LnFinalScale }];
            return kept.square().mean().sqrt().expand_as(scale);
        }
    }

    private int _site = -1;

    [Fact]
    public void Padding_is_not_in_the_means()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var sample = new TaskSample([1, 2, 3], [0, 0, 0]);
        using var alone = new GatedComponents(model.Weights, Ablation.Mean, ComponentNorm.Recomputed, [sample, sample], 0);
        var (means, _) = ComponentSources.Moments(model.Weights, [sample, new TaskSample([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0])], 0);

        var expected = (model.Weights.WE[tensor(new long[] { 1, 2, 3, 1, 2, 3, 4, 5, 6 })]).mean([0]);

        Near.Equal(expected, means[0], Rounding32);
    }

    [Fact]
    public void Gates_of_another_shape_or_type_and_missing_donors_are_refused()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        using var gated = Gated(model.Weights, Ablation.Resample);

        Assert.Throws<ArgumentException>(() => gated.Forward(Input(model, Ablation.Resample), ones(gated.EdgeCount + 1)));
        Assert.Throws<ArgumentException>(() => gated.Forward(Input(model, Ablation.Resample), ones(gated.EdgeCount, dtype: float64)));
        Assert.Throws<ArgumentException>(() => gated.Forward(new GatedInput(model.Tokens), ones(gated.EdgeCount)));
        Assert.Throws<ArgumentException>(() => gated.Forward(Input(model, Ablation.Resample) with { Interpolation = 1.5 }, ones(gated.EdgeCount)));
    }

    private static GatedComponents Gated(Weights weights, Ablation ablation, ComponentNorm norm = ComponentNorm.Recomputed)
    {
        using var scope = NewDisposeScope();
        using var model = new TokensOf(weights.Config);
        return new GatedComponents(weights, ablation, norm, model.Samples, 0);
    }

    /// <summary>The tokens of <see cref="RandomModel"/> with seed 1 as samples: the same for weights of all types.</summary>
    private sealed class TokensOf(ModelConfig config) : IDisposable
    {
        private readonly RandomModel _model = new(config, 1);

        public IReadOnlyList<TaskSample> Samples => [.. Enumerable.Range(0, 6).Select(row => new TaskSample([.. _model.Tokens[row].data<long>().Select(id => (int)id)], new int[_model.Tokens.shape[1]]))];

        public void Dispose() => _model.Dispose();
    }

    private static Tensor Ones(GatedComponents gated, Weights weights) => ones(gated.EdgeCount, dtype: weights.WE.dtype);

    private static Tensor Donors(RandomModel model) => model.Tokens.roll(1, 0);

    private static GatedInput Input(RandomModel model, Ablation ablation) => new(model.Tokens, ablation is Ablation.Resample ? Donors(model) : null);

    /// <summary>What every component writes, and its mean over tokens and positions.</summary>
    private static (Dictionary<string, Tensor> Written, Dictionary<string, Tensor> Means) Sources(Weights weights, Tensor tokens)
    {
        Dictionary<string, Tensor> written = [];
        for (var layer = 0; layer < weights.Config.NLayers; layer++)
        {
            using var hooks = new Hooks([HookPoint.Embed, HookPoint.PosEmbed, HookPoint.Pattern(layer), HookPoint.V(layer), .. weights.Config.IsAttentionOnly ? [] : (HookPoint[])[HookPoint.MlpOut(layer)]]);
            Transformer.Forward(weights, tokens, hooks: hooks);
            (written["embed"], written["pos"]) = (hooks[HookPoint.Embed].clone(), hooks[HookPoint.PosEmbed].clone());
            for (var head = 0; head < weights.Config.NHeads; head++)
                written[Circuit.HeadId(layer, head)] = hooks[HookPoint.Pattern(layer)].select(1, head).matmul(hooks[HookPoint.V(layer)].select(2, head)).matmul(weights.Blocks[layer].Attention.WO[head]);
            if (!weights.Config.IsAttentionOnly)
                written[Circuit.MlpId(layer)] = hooks[HookPoint.MlpOut(layer)].clone();
        }

        return (written, written.ToDictionary(pair => pair.Key, pair => pair.Value.mean([0, 1])));
    }

    private static Func<string, Tensor> Replacements(Weights weights, RandomModel model, Ablation ablation)
    {
        var (_, means) = Sources(weights, model.Tokens);
        var (donors, _) = Sources(weights, Donors(model));
        return source => ablation switch { Ablation.Zero => zeros_like(means[source]), Ablation.Resample => donors[source], _ => means[source] };
    }

    /// <summary>Logits when one reader sees another value of one source, by hooks.</summary>
    private static Tensor Patched(Weights weights, Tensor tokens, (string Source, string Reader) edge, Func<string, Tensor> replaced)
    {
        var config = weights.Config;
        var change = replaced(edge.Source) - Sources(weights, tokens).Written[edge.Source];
        Tensor Norm(Tensor x, LayerNormWeights? norm) => norm is null ? x : nn.functional.layer_norm(x, [config.DModel], norm.W, norm.B, config.Epsilon);
        if (edge.Reader == "logits")
        {
            var last = Transformer.Forward(weights, tokens, stopAtLayer: config.NLayers);
            return Norm(last + change, weights.LnFinal).matmul(weights.WU) + weights.BU;
        }

        var layer = edge.Reader[1] - '0';
        var block = weights.Blocks[layer];
        using var streams = new Hooks([HookPoint.ResidPre(layer), .. config.IsAttentionOnly ? [] : (HookPoint[])[HookPoint.ResidMid(layer)]]);
        Transformer.Forward(weights, tokens, hooks: streams);
        if (edge.Reader[0] == 'm')
        {
            var written = Transformer.Mlp(config, block.Mlp!, Norm(streams[HookPoint.ResidMid(layer)] + change, block.Ln2), layer, new Hooks());
            using var mlp = new Hooks().Replace(HookPoint.MlpOut(layer), _ => written);
            return Transformer.Forward(weights, tokens, hooks: mlp);
        }

        var head = edge.Reader[3] - '0';
        var (w, b, point) = edge.Reader[^1] switch
        {
            'q' => (block.Attention.WQ, block.Attention.BQ, HookPoint.Q(layer)),
            'k' => (block.Attention.WK, block.Attention.BK, HookPoint.K(layer)),
            _ => (block.Attention.WV, block.Attention.BV, HookPoint.V(layer)),
        };
        var own = Norm(streams[HookPoint.ResidPre(layer)] + change, block.Ln1).matmul(w[head]) + b[head]; // [batch, pos, d_head]
        using var port = new Hooks().Replace(point, all =>
        {
            var with = all.clone();
            with.select(2, head).copy_(own);
            return with;
        });
        return Transformer.Forward(weights, tokens, hooks: port);
    }
}
