using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Tests.Training.Engine;

/// <summary>The engine's gradient against libtorch's automatic differentiation of the other forward pass, in float64.</summary>
public sealed class BatchGradientTests
{
    // Relative to the largest entry of each tensor's gradient: float32 sums of a few hundred terms.
    private const double Tolerance = 2e-5;

    private static readonly ModelConfig Small = new() { NLayers = 2, NHeads = 2, DModel = 16, DHead = 8, DVocab = 11, NCtx = 40 };

    public static TheoryData<string> Models => [.. Configs.Keys];

    private static Dictionary<string, ModelConfig> Configs => new()
    {
        ["attention only"] = Small,
        ["one head, one layer"] = Small with { NLayers = 1, NHeads = 1, DHead = 16 },
        ["widths that are no multiple of eight"] = Small with { DModel = 13, DHead = 5, NHeads = 3, DVocab = 17 },
        ["MLP with GELU"] = Small with { DMlp = 32, DModel = 12, DHead = 6 },
        ["MLP with ReLU"] = Small with { DMlp = 21, Activation = Activation.Relu, NLayers = 3 },
        ["no norms"] = Small with { Normalization = Normalization.None, DMlp = 16 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradient_is_that_of_automatic_differentiation_in_float64(string name) => Check(Configs[name], Samples(17, sets: false));

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradient_of_sets_is_that_of_automatic_differentiation_in_float64(string name) => Check(Configs[name], Samples(13, sets: true));

    [Fact]
    public void Gradient_of_one_prediction_in_one_sequence_is_right_too()
    {
        TaskSample sample = new([10, 3, 4, 5, 6, 7, 8, 9], [-100, -100, -100, -100, 1, -100, -100, -100]);

        Check(Small with { DMlp = 8 }, [sample]);
    }

    [Fact]
    public void Number_of_threads_does_not_change_a_bit()
    {
        var layout = new ParameterLayout(Small with { DMlp = 32 });
        using var weights = RandomWeights(layout.Config);
        var values = PackedWeights.Pack(layout, weights);
        var samples = Samples(30, sets: false);
        BatchGradient one = new(layout, 1), two = new(layout, 2);

        var loss = one.Run(values, samples, new int[30], new DropoutMask(0.1, 5));

        Assert.Equal(loss, two.Run(values, samples, new int[30], new DropoutMask(0.1, 5)));
        Assert.Equal(one.Gradient, two.Gradient);
    }

    [Fact]
    public void Packing_and_unpacking_gives_the_same_weights()
    {
        foreach (var config in Configs.Values)
        {
            using var weights = RandomWeights(config);
            var layout = new ParameterLayout(config);

            var flat = PackedWeights.Pack(layout, weights);
            using var back = PackedWeights.Unpack(layout, flat);

            foreach (var ((name, tensor), (_, found)) in weights.Named().Zip(back.Named()))
                Assert.True(tensor.bytes.SequenceEqual(found.bytes), name);
            Assert.Equal(weights.Named().Sum(pair => pair.Tensor.numel()), flat.LongCount(value => value != 0));
        }
    }

    // With a fixed mask the loss is a function of the parameters: its central differences know nothing of the backward pass.
    [Fact]
    public void Gradient_under_dropout_is_that_of_central_differences()
    {
        var layout = new ParameterLayout(Small with { DMlp = 16 });
        using var weights = RandomWeights(layout.Config);
        var values = PackedWeights.Pack(layout, weights);
        var samples = Samples(12, sets: false);
        var gradient = new BatchGradient(layout, 1);
        double Loss() => gradient.Run(values, samples, new int[12], new DropoutMask(0.3, 9));
        Loss();
        var found = gradient.Gradient.ToArray();

        const float Step = 1e-2f;
        var random = new Random(1);
        foreach (var slice in (Slice[])[layout.Embed, layout.Blocks[0].WQ, layout.Blocks[0].WKV, layout.Blocks[0].WO, layout.Blocks[1].WIn, layout.Blocks[1].WOut, layout.Blocks[1].WKV, layout.Unembed])
        {
            for (var repeat = 0; repeat < 4; repeat++)
            {
                var index = slice.Start + random.Next(slice.Length);
                if (values[index] == 0)
                    continue;
                var old = values[index];
                values[index] = old + Step;
                var above = Loss();
                values[index] = old - Step;
                var below = Loss();
                values[index] = old;
                // Third derivatives and float32 noise in the loss leave about 1e-4.
                Assert.Equal((above - below) / (2 * Step), found[index], 5e-4);
            }
        }
    }

    [Fact]
    public void Dropout_drops_its_share_and_keeps_the_mean()
    {
        var values = new float[80_000];
        Array.Fill(values, 1f);

        new DropoutMask(0.25, 3).At(7).Apply(ref values[0], values.Length);

        // Standard error of the share: sqrt(.25·.75/80000) = .0015.
        Assert.Equal(0.25, values.Count(value => value == 0) / 80_000.0, 0.006);
        Assert.All(values.Where(value => value != 0), value => Assert.Equal(4 / 3f, value, 1e-6f));
        var pairs = Enumerable.Range(0, 40_000).Count(i => values[2 * i] == 0 && values[2 * i + 1] == 0) / 40_000.0;
        Assert.Equal(0.0625, pairs, 0.005);
    }

    private static void Check(ModelConfig config, List<TaskSample> samples)
    {
        using var scope = NewDisposeScope();
        using var weights = RandomWeights(config);
        var layout = new ParameterLayout(config);
        var random = new Random(4);
        int[] offsets = [.. samples.Select(_ => random.Next(5))];
        var engine = new BatchGradient(layout, 1);

        var loss = engine.Run(PackedWeights.Pack(layout, weights), samples, offsets, new DropoutMask(0, 0));
        using var found = PackedWeights.Unpack(layout, engine.Gradient);

        using var exact = weights.To(float64);
        foreach (var (_, tensor) in exact.Named())
            tensor.requires_grad_();
        var expected = Loss(exact, samples, offsets);
        expected.backward();
        Assert.Equal(expected.item<double>(), loss, 1e-5);
        foreach (var ((name, tensor), (_, gradient)) in exact.Named().Zip(found.Named()))
        {
            var scale = Math.Max(tensor.grad!.abs().max().item<double>(), 1e-2);
            var difference = (gradient.to(float64) - tensor.grad).abs().max().item<double>();
            Assert.True(difference <= Tolerance * scale, $"{name}: {difference} of {scale}");
        }
    }

    private static Tensor Loss(Weights weights, List<TaskSample> samples, int[] offsets)
    {
        using var batch = new TaskBatch(samples, 10);
        var positions = arange(batch.Tokens.shape[1]).unsqueeze(0) + tensor(offsets.Select(offset => (long)offset).ToArray()).unsqueeze(1);
        var logits = Transformer.Forward(weights, batch.Tokens, positions.clamp_max(weights.Config.NCtx - 1));
        if (batch.NextSets is null)
        {
            var targets = tensor(samples.SelectMany(sample => sample.LossTargets.Concat(Enumerable.Repeat(TaskSample.Unsupervised, (int)batch.Tokens.shape[1] - sample.Tokens.Length))).Select(target => (long)target).ToArray());
            return nn.functional.cross_entropy(logits.flatten(0, 1), targets, ignore_index: TaskSample.Unsupervised);
        }

        var wanted = zeros_like(logits);
        wanted.narrow(2, 0, batch.NextSets.shape[2]).copy_(batch.NextSets);
        var each = nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction: nn.Reduction.None).mean([-1]);
        var isScored = batch.Targets.ne(TaskSample.Unsupervised);
        return (each * isScored).sum() / isScored.sum();
    }

    /// <summary>Sequences of many lengths with targets here and there; the pad is token 10.</summary>
    private static List<TaskSample> Samples(int count, bool sets)
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var length = random.Next(2, 25);
            int[] tokens = [.. Enumerable.Range(0, length).Select(_ => random.Next(10))];
            int[] targets = [.. Enumerable.Range(0, length).Select(_ => random.Next(3) == 0 ? TaskSample.Unsupervised : random.Next(10))];
            targets[random.Next(length)] = 3;
            var next = targets.Select(target => target < 0 ? null : Enumerable.Range(0, 10).Where(_ => random.Next(3) == 0).ToArray()).ToArray();
            return new TaskSample(tokens, targets) { NextSets = sets ? next : null };
        })];
    }

    private static Weights RandomWeights(ModelConfig config)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var named = WeightNames.Shapes(config).ToDictionary(entry => entry.Name, entry => 0.3f * randn(entry.Shape, generator: generator) + (entry.Name.EndsWith(".w", StringComparison.Ordinal) ? 1 : 0));
        return WeightNames.Assemble(config, name => named[name]);
    }
}
