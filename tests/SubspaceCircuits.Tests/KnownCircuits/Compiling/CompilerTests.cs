using SubspaceCircuits.Circuits;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Compiling;

/// <summary>Small programs, one primitive each, on every sequence.</summary>
public class CompilerTests
{
    private static readonly Value[] Letters = ["a", "b", "c"];

    private static readonly Dictionary<string, Func<Tokens, Indices, SequenceOperator>> Primitives = new()
    {
        ["map to a value"] = (tokens, _) => Program.Map("upper", tokens, value => value.Text + "!"),
        ["map to a number below zero"] = (tokens, _) => Program.Map("number", tokens, value => value == "a" ? -2 : new Rational(1, 3), Encoding.Numerical),
        ["map to None"] = (tokens, _) => Program.Map("some", tokens, value => value == "a" ? null : value),
        ["map of None"] = (tokens, _) => Program.Map("other", Program.Map("some", tokens, value => value == "a" ? null : value), value => value),
        ["map of two"] = (tokens, indices) => Program.Map("both", tokens, indices, (token, index) => index == 2 ? null : Value.Pair(token, index)),
        ["map of numbers"] = (tokens, _) => Program.Map("sign", Number(tokens), value => value.Number > 0),
        ["map of numbers to numbers"] = (tokens, _) => Program.Map("square", Number(tokens), value => value.Number * value.Number, Encoding.Numerical),
        ["map to a number or None"] = (tokens, _) => Program.Map("some", tokens, value => value == "a" ? null : (Value)3, Encoding.Numerical),
        ["map of numbers to one value"] = (tokens, _) => Program.Map("same", Number(tokens), _ => "k"),
        ["map of numbers to None, then a value"] = (tokens, _) => Program.Map("two", Number(tokens), value => value.Number == 2 ? value : null),
        ["zero"] = (tokens, _) => Program.Map("zero", tokens, _ => 0, Encoding.Numerical),
        ["linear of one of two"] = (tokens, indices) => Program.Linear("one", Number(tokens), 1, Program.Map("index", indices, value => value, Encoding.Numerical), 0),
        ["number less itself"] = (tokens, _) => Number(tokens) is var number ? Program.Linear("zero", number, 1, number, -1) : number,
        ["linear"] = (tokens, indices) => Program.Linear("sum", Number(tokens), 2, Program.Map("half", indices, value => value.Number / 2, Encoding.Numerical), new Rational(-1, 3)),
        ["full"] = (tokens, _) => Program.Map("and full", tokens, Program.Full("full", "z"), (token, full) => token.Text + full.Text),
        ["full number"] = (tokens, _) => Program.Linear("less one", Number(tokens), 1, Program.Full("one", 1, Encoding.Numerical), -1),
        ["shift"] = (tokens, indices) => Program.ShiftBy("previous", tokens, indices, 1),
        ["shift back"] = (tokens, indices) => Program.ShiftBy("next", tokens, indices, -1),
        ["value found by key"] = (tokens, indices) => Program.Aggregate("first", Program.SelectKey(indices, index => index == 0), tokens),
        ["value found by query"] = (tokens, indices) => Program.Aggregate("same", Program.Select(tokens, indices, (_, index) => index == 1).And(Program.Select(tokens, indices, (_, _) => true)), Program.Map("constant", tokens, _ => "k")),
        ["mean of all"] = (tokens, _) => Program.Aggregate("mean", Program.SelectKey(tokens, _ => true), Number(tokens)),
        ["mean of none"] = (tokens, _) => Program.Aggregate("mean", Program.SelectKey(tokens, _ => false), Number(tokens)),
        ["mean where equal or None"] = (tokens, indices) => Program.Aggregate("mean", Program.Select(Program.ShiftBy("previous", tokens, indices, 1), tokens, (key, query) => key == query), Number(tokens)),
        ["length"] = (tokens, _) => Program.Width("length", Program.SelectKey(tokens, _ => true)),
        ["width of pairs"] = (tokens, _) => Program.Width("same", Program.Select(tokens, tokens, (key, query) => key == query)),
        ["width as a number"] = (tokens, _) => Program.Width("same", Program.Select(tokens, tokens, (key, query) => key > query), Encoding.Numerical),
        ["width not"] = (tokens, _) => Program.Width("others", Program.Select(tokens, tokens, (key, query) => key == query).Not()),
        ["width of a None"] = (tokens, indices) => Program.Width("same", Program.Select(Program.ShiftBy("previous", tokens, indices, 1), tokens, (_, _) => true)),
        ["width by query"] = (tokens, indices) => Program.Width("late", Program.Select(tokens, indices, (_, query) => query > 0)),
    };

    public static TheoryData<string, bool> Cases() => [.. from name in Primitives.Keys from isCausal in new[] { true, false } select (name, isCausal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_block_holds_its_value_at_every_site(string name, bool isCausal)
    {
        var program = Made(name, isCausal);
        using var scope = NewDisposeScope();
        foreach (var options in new[] { new CompilerOptions(), new CompilerOptions { UsesLeastRank = true, Kappa = 1 }, new CompilerOptions { Beta = 40 } })
        {
            using var model = Compiler.Compile(program, options).Assemble(program.Id);

            var fit = ProgramCheck.Run(program, model, ProgramCheck.AllSequences(program, 1000)!);

            Assert.Equal(39, fit.Sequences);
            Assert.Equal(0, fit.WrongOutputs);
            Assert.InRange(fit.BlockError, 0, options.Beta < 100 ? 1e-7 : 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Circuit_read_from_the_weights_is_the_true_one(string name, bool isCausal)
    {
        using var scope = NewDisposeScope();
        foreach (var options in new[] { new CompilerOptions(), new CompilerOptions { UsesLeastRank = true, Kappa = 1 } })
        {
            var parts = DisguiseLevels.Apply(Compiler.Compile(Made(name, isCausal), options), DisguiseLevel.D1, seed: 1).Parts;
            using var model = parts.Assemble(name);
            using var known = new KnownSubspaces(model);

            var candidates = CircuitBuilder.Candidates(new PartitionedModel(model.Weights, known.Partitions));

            Assert.Equal(known.Truth(candidates).Kept.Select(known.Named(candidates).Named), CircuitSelection.ByStructure(candidates).Kept.Select(known.Named(candidates).Named));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Padding_changes_nothing(string name, bool isCausal)
    {
        var program = Made(name, isCausal);
        using var scope = NewDisposeScope();
        using var model = Compiler.Compile(program, new CompilerOptions { HasPad = true }).Assemble(program.Id);

        var fit = ProgramCheck.Run(program, model, ProgramCheck.AllSequences(program, 1000)!, padding: 2);

        Assert.Equal((39, 0), (fit.Sequences, fit.WrongOutputs));
        Assert.InRange(fit.BlockError, 0, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Single_precision_decodes_alike(string name, bool isCausal)
    {
        var program = Made(name, isCausal);
        using var scope = NewDisposeScope();
        using var model = Compiler.Compile(program).Assemble(program.Id);
        using var single = model.Weights.To(ScalarType.Float32);

        var fit = ProgramCheck.Run(program, model with { Weights = single }, ProgramCheck.AllSequences(program, 1000)!);

        Assert.Equal(0, fit.WrongOutputs);
        Assert.InRange(fit.BlockError, 0, 1e-3);
    }

    [Fact]
    public void Selectors_of_one_layer_share_a_head_when_asked()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var program = new KnownProgram("two", [Program.ShiftBy("token", tokens, indices, 1), Program.ShiftBy("index", indices, indices, 1)], Letters, 3, true);
        using var scope = NewDisposeScope();
        using var apart = Compiler.Compile(program).Assemble("apart");
        using var together = Compiler.Compile(program, new CompilerOptions { SharesSelectors = true }).Assemble("together");

        Assert.Equal((2, 1), (apart.Heads.Count, together.Heads.Count));
        Assert.Equal([new Move("tokens", "token"), new Move("indices", "index")], together.Heads[0].Role.Moves);
        Assert.Equal(0, ProgramCheck.Run(program, together, ProgramCheck.AllSequences(program, 1000)!).WrongOutputs);
    }

    [Theory]
    [InlineData("length", new string[0])]
    [InlineData("value found by key", new[] { "->indices" })]
    [InlineData("width by query", new[] { "indices->bos" })]
    [InlineData("width of pairs", new[] { "tokens->tokens" })]
    [InlineData("mean of none", new string[0])]
    public void What_changes_no_pattern_is_not_read(string name, string[] expected)
    {
        using var scope = NewDisposeScope();
        using var model = Compiler.Compile(Made(name, false)).Assemble(name);

        var pairs = model.Heads.Single().Role.Pairs.Where(pair => pair is not { Query: "bos" or null, Key: "bos" });

        Assert.Equal(expected, pairs.Select(pair => $"{pair.Query}->{pair.Key}"));
    }

    [Fact]
    public void Ranks_are_least_where_asked()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var parity = Program.Aggregate("same", Program.Select(indices, indices, (key, query) => key.Number <= query.Number && key.Number != 0), Program.Map("constant", tokens, _ => "k"));
        var program = new KnownProgram("ranks", [parity], Letters, 6, false);
        using var scope = NewDisposeScope();

        Assert.Equal(1 + 5, Compiler.Compile(program).Layers[^1].Heads[0].WQ.shape[1]);
        Assert.Equal(1 + 5, Compiler.Compile(program, new CompilerOptions { UsesLeastRank = true }).Layers[^1].Heads[0].WQ.shape[1]);
    }

    [Fact]
    public void Variables_that_no_token_reaches_are_position_only()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var length = Program.Width("length", Program.SelectKey(tokens, _ => true));
        var opposite = Program.Map("opposite", length, indices, (n, i) => n.Number - i.Number - 1);
        var program = new KnownProgram("reverse", [Program.Aggregate("reverse", Program.Select(indices, opposite, (key, query) => key == query), tokens)], Letters, 3, false);
        using var scope = NewDisposeScope();
        using var model = Compiler.Compile(program).Assemble("reverse");

        Assert.Equal(["bos", "indices", "length", "length.scratch", "opposite"], model.Variables.Where(variable => variable.IsPositionOnly).Select(variable => variable.Id).Order(StringComparer.Ordinal));
        Assert.Equal(["reverse", "tokens"], model.Variables.Where(variable => !variable.IsPositionOnly).Select(variable => variable.Id).Order());
    }

    [Fact]
    public void Programs_that_cannot_be_compiled_say_why()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var number = Number(tokens);

        Assert.Contains("needs categorical variables, but number is numerical", Assert.Throws<RaspException>(() => Program.Select(number, tokens, (_, _) => true)).Message);
        Assert.Contains("same keys and queries", Assert.Throws<RaspException>(() => Program.SelectKey(tokens, _ => true).And(Program.SelectKey(indices, _ => true))).Message);
        Fails(Program.Map("close", Program.Map("near", tokens, value => value == "a" ? new Rational(1, 1000000000) : new Rational(1, 1000000001), Encoding.Numerical), value => value.Number == new Rational(1, 1000000000)), "values that lie closer than");
        Fails(Program.Map("x", Program.Map("maybe", tokens, value => value == "a" ? null : (Value)1, Encoding.Numerical), value => value), "which can be None");
        var declared = new KnownProgram("declared", [Program.Linear("sum", number, 1, number, 1, [0, 4])], Letters, 3, false);
        Assert.Contains("sum became -2, which is not among the values declared for it", Assert.Throws<RaspException>(() => declared.Run(["a"])).Message);
        Fails(Program.Map("both", tokens, new Tokens(), (a, b) => Value.Pair(a, b)), "more than once");
        var undefined = new KnownProgram("undefined", [Program.Aggregate("any", Program.SelectKey(tokens, _ => true), tokens)], Letters, 3, false);
        Assert.Contains("must be the same wherever its selector looks", Assert.Throws<RaspException>(() => undefined.Run(["a", "b"])).Message);
        Assert.Contains("is not in the vocabulary", Assert.Throws<RaspException>(() => undefined.TokenIds(["q"])).Message);

        static void Fails(SequenceOperator root, string why) =>
            Assert.Contains(why, Assert.Throws<RaspException>(() => Compiler.Compile(new KnownProgram("wrong", [root], Letters, 3, false))).Message);
    }

    private static SequenceOperator Number(Tokens tokens) => Program.Map("number", tokens, value => value == "a" ? -1 : value == "b" ? 0 : 2, Encoding.Numerical);

    private static KnownProgram Made(string name, bool isCausal) => new(name, [Primitives[name](new Tokens(), new Indices())], Letters, 3, isCausal);
}
