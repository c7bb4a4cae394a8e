using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>How often a swap of a subspace did what the program does when the variable is swapped.</summary>
/// <param name="Variable">The variable.</param>
/// <param name="Equal">Positions of the outputs that were the same.</param>
/// <param name="Compared">Positions that were compared.</param>
/// <param name="Changed">Positions of them that the swap should change.</param>
public sealed record InterchangeAccuracy(string Variable, int Equal, int Compared, int Changed);

/// <summary>
/// Interchange interventions (Geiger et al. 2021): at the site that writes a variable its subspace gets what it holds in another run, and the outputs must be
/// those of the interpreter under <c>do(variable := values of the other run)</c>.
/// </summary>
public static class Interchange
{
    /// <summary>Every variable of the program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="model">Its transformer.</param>
    /// <param name="pairs">Pairs of sequences of one length, for each length in turn.</param>
    /// <param name="seed">Seed of the sequences.</param>
    /// <param name="isMixed">Whether the other sequence is longer, which alone can change what depends on position and length only.</param>
    public static IReadOnlyList<InterchangeAccuracy> Run(KnownProgram program, KnownModel model, int pairs, int seed, bool isMixed = false)
    {
        var random = new Random(seed);
        var batches = Enumerable.Range(0, pairs).Select(pair => 1 + (pair % program.MaxLength)).GroupBy(length => length)
            .Select(group => Pairs(group.Key, group.Count())).ToArray();
        return [.. program.Variables.Select(node => batches.Select(batch => RunBatch(program, model, node, batch))
            .Aggregate((a, b) => new InterchangeAccuracy(a.Variable, a.Equal + b.Equal, a.Compared + b.Compared, a.Changed + b.Changed)))];

        (IReadOnlyList<Value> Base, IReadOnlyList<Value> Source)[] Pairs(int length, int count)
        {
            var sourceLength = isMixed ? random.Next(length, program.MaxLength + 1) : length;
            return [.. Enumerable.Range(0, count).Select(_ => (program.Sample(random, length), program.Sample(random, sourceLength)))];
        }
    }

    private static InterchangeAccuracy RunBatch(KnownProgram program, KnownModel model, SequenceOperator node, IReadOnlyList<(IReadOnlyList<Value> Base, IReadOnlyList<Value> Source)> pairs)
    {
        var variable = model[program.Names[node]];
        List<(IReadOnlyList<Value> Base, IReadOnlyList<Value> Source, IReadOnlyDictionary<SequenceOperator, IReadOnlyList<Value?>> Own, IReadOnlyDictionary<SequenceOperator, IReadOnlyList<Value?>> Expected)> cases = [];
        foreach (var (own, source) in pairs)
        {
            try
            {
                cases.Add((own, source, program.Run(own), program.Run(own, new Dictionary<SequenceOperator, IReadOnlyList<Value?>>(ReferenceEqualityComparer.Instance) { [node] = [.. program.Run(source)[node].Take(own.Count)] })));
            }
            catch (RaspException)
            {
                // The program has no meaning with these values.
            }
        }

        if (cases.Count == 0)
            return new InterchangeAccuracy(variable.Id, 0, 0, 0);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var length = cases[0].Base.Count;
        Tensor Tokens(Func<int, IReadOnlyList<Value>> sequence) => tensor(Enumerable.Range(0, cases.Count).SelectMany(at => program.TokenIds(sequence(at))).ToArray(), [cases.Count, sequence(0).Count + 1]);
        var site = Site.All(model.Weights.Config).First(site => KnownModel.WrittenAt(site) >= variable.WrittenAt);
        using var kept = new Hooks(site.HookPoint);
        Transformer.Forward(model.Weights, Tokens(at => cases[at].Source), hooks: kept);
        var projector = variable.Reads.matmul(variable.Writes).to(model.Weights.WE.dtype);
        using var swapping = new Hooks().Replace(site.HookPoint, x => x + (kept[site.HookPoint].narrow(1, 0, length + 1) - x).matmul(projector));
        var logits = Transformer.Forward(model.Weights, Tokens(at => cases[at].Base), hooks: swapping).narrow(1, 1, length).to(float64);

        var result = new InterchangeAccuracy(variable.Id, 0, 0, 0);
        foreach (var (output, found) in ProgramCheck.Decode(program, model, logits))
        {
            for (var at = 0; at < cases.Count; at++)
            {
                var (expected, own) = (cases[at].Expected[output], cases[at].Own[output]);
                var equal = expected.Index().Count(pair => ProgramCheck.IsEqual(pair.Item, found[at][pair.Index]));
                result = result with { Equal = result.Equal + equal, Compared = result.Compared + length, Changed = result.Changed + expected.Zip(own).Count(pair => pair.First != pair.Second) };
            }
        }

        return result;
    }
}
