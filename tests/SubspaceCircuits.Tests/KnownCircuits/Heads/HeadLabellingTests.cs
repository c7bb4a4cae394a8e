using SubspaceCircuits.Activations;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Twin;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tests.Circuits;

namespace SubspaceCircuits.Tests.KnownCircuits.Heads;

/// <summary>Labels of heads whose work is known.</summary>
public sealed class HeadLabellingTests
{
    private const int LeastTokens = 6, LeastLength = 12; // fewer can show nothing

    /// <summary>Program, then the labels of its heads in order; heads of the circuit only.</summary>
    public static TheoryData<string, string[]> Programs => new()
    {
        { "prev_token", ["previous token, copying"] },
        { "next_token", ["next token, copying"] },
        { "induction", ["previous token", "induction, copying"] },
        { "unique_bigram_copy", ["previous token", "induction, copying"] },
        { "qk_induction", ["previous token", "previous token", "previous token equal to previous token of the key, copying"] },
        { "trigram_induction", ["2 before", "previous token", "copying"] }, // what it looks for is made by an MLP of two tokens
        { "first_token", ["position 1, copying"] },
        { "identity_attn", ["own position, copying"] },
        { "hist", ["first position, same token"] }, // counts: BOS outweighs any number of equal tokens
        { "reverse", ["first position", "copying"] }, // the length is counted against BOS; it looks where an MLP says
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void Heads_of_programs_are_labelled_as_what_they_are(string id, string[] expected)
    {
        using var scope = NewDisposeScope();
        var (model, program) = Compiled(id, DisguiseLevel.D0);

        var labels = Labels(model, program);

        Assert.Equal(expected, InCircuit(model).Select(head => labels[head]));
    }

    [Theory]
    [InlineData("prev_token", "previous token, copying")]
    [InlineData("induction", "previous token", "induction, copying")]
    [InlineData("first_token", "position 1, copying")]
    public void Disguise_does_not_change_labels(string id, params string[] expected)
    {
        for (var seed = 0; seed < 3; seed++)
        {
            using var scope = NewDisposeScope();
            var (model, program) = Compiled(id, DisguiseLevel.D2, seed, new ShareHeads()); // parts of one move all tokens

            var labels = Labels(model, program);

            Assert.Equal(expected.Order(), InCircuit(model).Select(head => labels[head]).Distinct().Order());
        }
    }

    [Fact]
    public void Pairs_of_subspaces_that_carry_a_label_are_those_of_the_variables()
    {
        using var scope = NewDisposeScope();
        var (model, program) = Compiled("induction", DisguiseLevel.D1);
        using var known = new KnownSubspaces(model);

        var labels = Of(model, known, program).SelectMany(head => head.Labels).ToDictionary(label => label.Name);

        (string?, string?) Ends(string name) => (known.VariableOf(labels[name].From)?.Id, known.VariableOf(labels[name].To)?.Id);
        Assert.Equal(("indices", "indices"), Ends("previous token"));
        Assert.Equal(("tokens", "prev_tok"), Ends("induction"));
        Assert.Equal(("tokens", "pred"), Ends("copying"));
        Assert.All(labels.Values, label => Assert.InRange(label.BlockShare, .8, 1 + 1e-9));
        Assert.Equal(1, labels["copying"].Eigenvalues!.Value, 1e-9);
    }

    [Fact]
    public void Twin_has_two_previous_token_heads_and_two_induction_heads()
    {
        using var scope = NewDisposeScope();
        using var model = CopyTwin.Build().Assemble("copy_twin");

        var labels = Labels(model, CopyTwin.Program);

        string[] expected = [.. Enumerable.Repeat("previous token", 2), .. Enumerable.Repeat("none", 6), .. Enumerable.Repeat("induction, copying", 2), .. Enumerable.Repeat("none", 6)];
        Assert.Equal(expected, model.Heads.Select(head => labels[(head.Layer, head.Head)]));
    }

    [Fact]
    public void A_head_that_takes_its_token_away_inhibits_it()
    {
        using var scope = NewDisposeScope();
        var (compiled, program) = Compiled("prev_token", DisguiseLevel.D0);
        compiled.Weights.Blocks[0].Attention.WO.neg_();

        using var known = new KnownSubspaces(compiled);
        var head = Of(compiled, known, program).Single();

        Assert.Equal("previous token, inhibition", head.Words);
        Assert.Equal(-1, head.Labels.Last().Eigenvalues!.Value, 1e-9);
    }

    [Fact]
    public void A_head_that_looks_at_bos_alone_is_a_first_position_head()
    {
        using var scope = NewDisposeScope();
        var program = Program("induction");
        using var model = Composition.Apply(Compiler.Compile(program), [new AddSinkHeads()], 3).Parts.Assemble("sinks");

        var labels = Labels(model, program);

        Assert.Equal(2, model.Heads.Count(head => !head.Role.IsInCircuit));
        Assert.All(model.Heads.Where(head => !head.Role.IsInCircuit), head => Assert.StartsWith("first position", labels[(head.Layer, head.Head)], StringComparison.Ordinal));
        Assert.Equal(["previous token", "induction, copying"], InCircuit(model).Select(head => labels[head]));
    }

    [Theory]
    [InlineData(Normalization.LayerNorm)]
    [InlineData(Normalization.None)]
    public void Heads_with_random_weights_have_no_labels(Normalization normalization)
    {
        for (ulong seed = 0; seed < 5; seed++)
        {
            using var scope = NewDisposeScope();
            using var model = new RandomModel(new ModelConfig { NLayers = 2, NHeads = 4, DModel = 10, DHead = 4, DMlp = 16, DVocab = 12, NCtx = 16, Normalization = normalization }, seed);

            var labels = HeadLabelling.Of(model.Model, new HeadLabelSettings { Tokens = [.. Enumerable.Range(0, 11)], Bos = 11 });

            Assert.Equal(8, labels.Count);
            Assert.All(labels, head => Assert.Equal("none", head.Words));
            Assert.All(labels, head => Assert.All(head.Measures, measure => Assert.True(double.IsFinite(measure.Share + measure.Lead + measure.Null + measure.NullDeviation + measure.BlockShare))));
        }
    }

    [Fact]
    public void Measured_content_stands_for_what_weights_do_not_say()
    {
        using var scope = NewDisposeScope();
        var (model, program) = Compiled("induction", DisguiseLevel.D0);
        using var known = new KnownSubspaces(model);
        // Nothing above the first layer is known but what is measured: here, the token before of every activation in its variable.
        var previous = model["prev_tok"].Writes;
        HeadLabels At(TokenMeans means) => HeadLabelling.Of(new PartitionedModel(model.Weights, known.Partitions), Settings(model, program) with { Means = means })[1];

        Assert.Contains("induction", At((site, offset) => site.Layer == 0 && offset == 1 ? previous : null).Words, StringComparison.Ordinal);
        Assert.DoesNotContain("induction", At((site, offset) => offset == 1 ? zeros_like(previous) : null).Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unique_copy-@2l1h64d3lr01drop", "previous token", "induction, copying")]
    [InlineData("unique_reverse-@2l1h64d3lr01drop", "previous token", "same token, inhibition, copying of the previous token")]
    public void Trained_models_are_labelled_as_their_patterns_say(string name, params string[] expected)
    {
        using var model = ModelFolder.Read(SharedData.PathOrSkip($"models/{name}"));
        using var scope = NewDisposeScope();
        var task = TaskRegistry.FromModelName(model.Name)!;
        using var activations = ActivationSet.Collect(model.Weights, task, new CollectionSettings { Rows = 4000 }, TestContext.Current.CancellationToken);
        Partition[] partitions = [.. Site.All(model.Weights.Config).Select(site =>
        {
            var rows = activations[site].to(float64);
            var centred = rows - rows.mean([0]);
            return new Partition(site, eye(64, dtype: float64), [32, 32], rows.mean([0]), centred.T.matmul(centred) / rows.shape[0]);
        })];

        var labels = HeadLabelling.Of(new PartitionedModel(model.Weights, partitions), new HeadLabelSettings { Tokens = [.. Enumerable.Range(0, task.Vocabulary.TaskTokens)], Bos = task.Vocabulary.Bos, Positions = 80 });

        Assert.Equal(expected, labels.Select(head => head.Words));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(new HeadLabelSettings { Tokens = [3] }.Validate);
        Assert.Throws<ArgumentException>(new HeadLabelSettings { Tokens = [1, 2], Logits = [1] }.Validate);
        Assert.Throws<ArgumentException>(new HeadLabelSettings { Tokens = [1, 2], Positions = 2 }.Validate);
    }

    private static KnownProgram Program(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        return entry.Build(entry.Tested with { Vocabulary = Math.Max(entry.Tested.Vocabulary, LeastTokens), MaxLength = Math.Max(entry.Tested.MaxLength, LeastLength) });
    }

    private static (KnownModel Model, KnownProgram Program) Compiled(string id, DisguiseLevel level, int seed = 1, params IDisguise[] first)
    {
        var program = Program(id);
        return (DisguiseLevels.Apply(Composition.Apply(Compiler.Compile(program), first, seed).Parts, level, seed).Parts.Assemble(id), program);
    }

    private static IEnumerable<(int Layer, int Head)> InCircuit(KnownModel model) => model.Heads.Where(head => head.Role.IsInCircuit).Select(head => (head.Layer, head.Head));

    private static Dictionary<(int Layer, int Head), string> Labels(KnownModel model, KnownProgram program)
    {
        using var known = new KnownSubspaces(model);
        return Of(model, known, program).Index().ToDictionary(entry => (entry.Index / model.Weights.Config.NHeads, entry.Index % model.Weights.Config.NHeads), entry => entry.Item.Words);
    }

    private static IReadOnlyList<HeadLabels> Of(KnownModel model, KnownSubspaces known, KnownProgram program) => HeadLabelling.Of(new PartitionedModel(model.Weights, known.Partitions), Settings(model, program));

    private static HeadLabelSettings Settings(KnownModel model, KnownProgram program) => new()
    {
        Tokens = [.. Enumerable.Range(0, program.Vocabulary.Count)],
        Bos = program.Vocabulary.Count,
        Logits = [.. program.Vocabulary.Select(value => model[model.Outputs[0]].Values.ToList().IndexOf(value))],
    };
}
