using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.KnownCircuits.Twin;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.KnownCircuits.Twin;

/// <summary>That the twin computes as its truth says.</summary>
public class CopyTwinCircuitTests(BuiltCopyTwin twin) : IClassFixture<BuiltCopyTwin>
{
    [Fact]
    public void Heads_of_layer_0_attend_to_the_previous_position()
    {
        using var scope = NewDisposeScope();
        using var hooks = Run(HookPoint.Pattern(0));

        var previous = hooks[HookPoint.Pattern(0)].narrow(1, 0, 2).diagonal(offset: -1, dim1: 2, dim2: 3); // [batch, head, pos]

        Assert.InRange(previous.min().item<double>(), .95, 1);
    }

    [Fact]
    public void Heads_of_layer_1_attend_to_what_followed_the_token_and_to_bos_where_nothing_did()
    {
        using var scope = NewDisposeScope();
        using var hooks = Run(HookPoint.Pattern(1));
        var pattern = hooks[HookPoint.Pattern(1)]; // [batch, head, query, key]

        for (var row = 0; row < twin.Sequences.Count; row++)
        {
            var (tokens, previous) = (twin.Runs[row]["tokens"], twin.Runs[row]["prev_tok"]);
            for (var query = 0; query < tokens.Count; query++)
            {
                long[] found = [.. Enumerable.Range(0, query + 1).Where(key => previous[key] == tokens[query]).Select(key => key + 1L).DefaultIfEmpty(0)];

                var attention = pattern[row, TensorIndex.Slice(0, 2), query + 1].index_select(1, tensor(found, dtype: int64)).sum(dim: 1); // [head]

                Assert.InRange(attention.min().item<double>(), .9, 1 + 1e-9);
            }
        }
    }

    [Fact]
    public void Every_block_decodes_to_its_variable_from_the_site_on_that_holds_it()
    {
        using var scope = NewDisposeScope();
        var sites = Site.All(twin.Model.Weights.Config);
        using var hooks = Run([.. sites.Select(site => site.HookPoint)]);

        foreach (var site in sites)
        {
            foreach (var variable in twin.Model.Variables.Where(variable => !variable.IsAuxiliary))
            {
                var found = hooks[site.HookPoint].narrow(1, 1, CopyTwin.Program.MaxLength).matmul(variable.Reads); // [batch, pos, value]
                if (variable.WrittenAt <= KnownModel.WrittenAt(site))
                    AssertDecodes(variable, found, [.. twin.Runs.Select(run => run[variable.Id])]);
                else
                    Assert.Equal(0, found.abs().max().item<double>());
            }
        }
    }

    [Fact]
    public void Bos_holds_no_variable()
    {
        using var scope = NewDisposeScope();
        var sites = Site.All(twin.Model.Weights.Config);
        using var hooks = Run([.. sites.Select(site => site.HookPoint)]);
        var bos = twin.Model["bos"];

        Assert.All(sites, site =>
        {
            var found = hooks[site.HookPoint].select(1, 0); // [batch, d_model]
            Assert.Equal(0, (found - bos.Writes).abs().max().item<double>());
        });
    }

    [Fact]
    public void Previous_tokens_of_another_sequence_change_the_prediction_as_the_program_says()
    {
        using var scope = NewDisposeScope();
        var random = new Random(3);
        var (program, variable, middle) = (CopyTwin.Program, twin.Model["pred"], HookPoint.ResidPost(0));
        var pattern = program.Vocabulary.Index().OrderBy(_ => random.Next()).Select(pair => pair.Item).ToArray();
        for (var length = 2; length <= 16; length++)
        {
            IReadOnlyList<Value> own = [.. Enumerable.Range(0, program.MaxLength).Select(position => pattern[position % length])];
            IReadOnlyList<Value> other = [.. Enumerable.Range(0, program.MaxLength).Select(position => pattern[length - (position % length)])]; // backwards, with one letter that is new
            using var source = new Hooks(middle);
            Transformer.Forward(twin.Model.Weights, BuiltCopyTwin.Ids([other]), hooks: source);
            var basis = twin.Model["prev_tok"].Basis(); // [d_model, 16]

            using var hooks = new Hooks(HookPoint.ResidPost(1)).Replace(middle, x => x + (source[middle] - x).matmul(basis).matmul(basis.T));
            Transformer.Forward(twin.Model.Weights, BuiltCopyTwin.Ids([own]), hooks: hooks);

            var previous = BuiltCopyTwin.Variable("prev_tok");
            var expected = BuiltCopyTwin.Named(program.Run(own, new Dictionary<SequenceOperator, IReadOnlyList<Value?>> { [previous] = program.Run(other)[previous] }))["pred"];
            Assert.NotEqual(expected, BuiltCopyTwin.Named(program.Run(own))["pred"]);
            AssertDecodes(variable, hooks[HookPoint.ResidPost(1)].narrow(1, 1, program.MaxLength).matmul(variable.Reads), [expected]);
        }
    }

    [Fact]
    public void Reads_and_writes_of_a_variable_are_the_projection_to_its_block()
    {
        using var scope = NewDisposeScope();
        var total = zeros(64, 64, dtype: float64);

        foreach (var variable in twin.Model.Variables)
        {
            var (projection, basis) = (variable.Reads.matmul(variable.Writes), variable.Basis());
            Assert.InRange((projection - basis.matmul(basis.T)).abs().max().item<double>(), 0, 1e-10);
            total += projection;
        }

        Assert.Equal(63, total.diagonal().sum().item<double>(), 1e-9); // one direction is spare
        Assert.InRange((total - diag(total.diagonal())).abs().max().item<double>(), 0, 1e-10);
    }

    [Fact]
    public void Truth_names_two_heads_of_each_layer_as_one_group()
    {
        var working = twin.Model.Heads.Where(head => head.Role.IsInCircuit).ToArray();

        Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1)], working.Select(head => (head.Layer, head.Head)));
        Assert.Equal(["prev_tok", "prev_tok", "pred", "pred"], working.Select(head => head.Role.RedundancyGroup));
        Assert.Equal([new Move("tokens", "prev_tok"), new Move("tokens", "pred")], working.SelectMany(head => head.Role.Moves).Distinct());
        Assert.Equal([new QkPair("indices", "indices"), new QkPair("indices", "bos"), new QkPair("tokens", "prev_tok"), new QkPair(null, "bos")], working.SelectMany(head => head.Role.Pairs).Distinct());
        Assert.Equal(["pred"], twin.Model.Outputs);
    }

    [Fact]
    public void Either_head_of_a_layer_copies_most_of_the_time_without_the_other()
    {
        foreach (var head in twin.Model.Heads.Where(head => head.Role.RedundancyGroup is not null))
        {
            using var scope = NewDisposeScope();
            var others = ones(8, 1, dtype: float64);
            others[head.Head, 0] = 0;
            using var hooks = new Hooks().Replace(HookPoint.Z(head.Layer), z => z * others); // [batch, pos, head, d_head]

            var (right, all) = twin.Predicted(Transformer.Forward(twin.Model.Weights, BuiltCopyTwin.Ids(twin.Sequences), hooks: hooks));

            Assert.InRange((double)right / all, .8, 1);
        }
    }

    [Fact]
    public void Idle_heads_write_nothing()
    {
        using var scope = NewDisposeScope();
        using var hooks = Run(HookPoint.Result(0), HookPoint.Result(1));

        for (var layer = 0; layer < 2; layer++)
        {
            var written = hooks[HookPoint.Result(layer)]; // [batch, pos, head, d_model]
            Assert.Equal(0, written.narrow(2, 2, 6).abs().max().item<double>());
            Assert.NotEqual(0, written.narrow(2, 0, 2).abs().max().item<double>());
        }
    }

    private Hooks Run(params HookPoint[] points)
    {
        var hooks = new Hooks(points);
        Transformer.Forward(twin.Model.Weights, BuiltCopyTwin.Ids(twin.Sequences), hooks: hooks);
        return hooks;
    }

    /// <summary>The greatest indicator is that of the value; None leaves all of them near 0.</summary>
    private static void AssertDecodes(KnownVariable variable, Tensor found, IReadOnlyList<IReadOnlyList<Value?>> expected)
    {
        const double LeastIndicator = .3; // diagonals of Writes · Reads are .43 and more
        var (greatest, at) = found.max(2);  // [batch, pos]
        for (var row = 0; row < expected.Count; row++)
        {
            for (var position = 0; position < expected[row].Count; position++)
            {
                var indicator = greatest[row, position].item<double>();
                if (expected[row][position] is { } value)
                    Assert.Equal((variable.IndexOf(value), true), ((int)at[row, position].item<long>(), indicator > LeastIndicator));
                else
                    Assert.InRange(indicator, 0, 1e-3);
            }
        }
    }
}
