using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.KnownCircuits.Disguises;

/// <summary>Programs to disguise: attention only, counts, numbers, three layers, a map of two variables.</summary>
internal static class SmallPrograms
{
    private const int MostSequences = 400;

    private static readonly Dictionary<string, Func<KnownProgram>> All = new() { ["induction"] = Induction, ["hist"] = Hist, ["frac_prevs"] = FracPrevs, ["reverse"] = Reverse, ["dedup"] = Dedup };

    public static IEnumerable<string> Names => All.Keys;

    public static KnownProgram Named(string name) => All[name]();

    /// <summary>All sequences, or 200 when they are many.</summary>
    public static IReadOnlyList<IReadOnlyList<Value>> Sequences(KnownProgram program) =>
        (program.Sampler is null ? ProgramCheck.AllSequences(program, MostSequences) : null) ?? ProgramCheck.Samples(program, 200, seed: 1);

    /// <summary>Greatest difference of any logit after BOS, or of any coordinate of the last residual stream.</summary>
    public static double Difference(KnownProgram program, KnownModel a, KnownModel b, bool inStream = false) =>
        Activations(program, a, inStream).Zip(Activations(program, b, inStream), (one, other) => (one - other).abs().max().item<double>()).Max();

    /// <summary>Logits after BOS, or the last residual stream, for every length.</summary>
    public static IReadOnlyList<Tensor> Activations(KnownProgram program, KnownModel model, bool inStream = false)
    {
        using var noGrad = no_grad();
        var last = Site.All(model.Weights.Config)[^1].HookPoint;
        return [.. Sequences(program).GroupBy(sequence => sequence.Count).Select(group =>
        {
            using var hooks = new Hooks(last);
            var logits = Transformer.Forward(model.Weights, tensor(group.SelectMany(program.TokenIds).ToArray(), [group.Count(), group.Key + 1]), hooks: hooks);
            return (inStream ? hooks[last].clone() : logits).narrow(1, 1, group.Key);
        })];
    }

    private static KnownProgram Induction()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var previous = Program.ShiftBy("prev_tok", tokens, indices, 1);
        Value[] vocabulary = ["a", "b", "c", "d", "e"];
        return new KnownProgram("induction", [Program.Aggregate("pred", Program.Select(previous, tokens, (key, query) => key == query), tokens)], vocabulary, 8, true)
        {
            Sampler = (random, length) =>
            {
                var period = vocabulary.ToArray();
                random.Shuffle(period);
                var size = 1 + random.Next(period.Length);
                return [.. Enumerable.Range(0, length).Select(at => period[at % size])];
            },
        };
    }

    private static KnownProgram Hist()
    {
        var tokens = new Tokens();
        return new KnownProgram("hist", [Program.Width("hist", Program.Select(tokens, tokens, (key, query) => key == query))], ["a", "b", "c"], 5, false);
    }

    private static KnownProgram FracPrevs()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var isX = Program.Map("is_x", tokens, value => value == "x" ? 1 : 0, Encoding.Numerical);
        return new KnownProgram("frac_prevs", [Program.Aggregate("frac_prevs", Program.Select(indices, indices, (key, query) => key.Number <= query.Number), isX)], ["a", "b", "x"], 5, false);
    }

    private static KnownProgram Reverse()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var length = Program.Width("length", Program.SelectKey(tokens, _ => true));
        var opposite = Program.Map("opp_idx", length, indices, (n, i) => n.Number - i.Number - 1);
        return new KnownProgram("reverse", [Program.Aggregate("reverse", Program.Select(indices, opposite, (key, query) => key == query), tokens)], ["a", "b", "c"], 5, false);
    }

    private static KnownProgram Dedup()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var first = Program.Map("is_first", tokens, indices, (token, index) => index == 0 ? token : null);
        var later = Program.Map("later", tokens, Program.ShiftBy("prev", tokens, indices, 1), (token, before) => token == before ? null : token);
        return new KnownProgram("dedup", [first, later], ["a", "b", "c"], 5, true);
    }
}
