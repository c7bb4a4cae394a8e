using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>How far a transformer is from its program.</summary>
/// <param name="Sequences">Sequences that were run.</param>
/// <param name="WrongOutputs">Positions where the logits say something else than the program.</param>
/// <param name="BlockError">Greatest difference of any coordinate of any variable, at any site and position (BOS among them), from what it should be.</param>
public sealed record ProgramFit(int Sequences, int WrongOutputs, double BlockError);

/// <summary>
/// Runs a transformer beside its program: at every site every variable must hold its value from the half-layer on that writes it, and nothing before; BOS must
/// hold nothing of any.
/// </summary>
public static class ProgramCheck
{
    private const double NumberTolerance = 1e-3;
    private const int BatchSize = 256;

    /// <summary>All sequences of all lengths, when they are few.</summary>
    /// <param name="program">The program.</param>
    /// <param name="most">More than that, and the answer is null.</param>
    public static IReadOnlyList<IReadOnlyList<Value>>? AllSequences(KnownProgram program, int most)
    {
        List<IReadOnlyList<Value>> all = [], last = [[]];
        for (var length = 1; length <= program.MaxLength; length++)
        {
            if (all.Count + ((long)last.Count * program.Vocabulary.Count) > most)
                return null;
            last = [.. last.SelectMany(_ => program.Vocabulary, (start, value) => (IReadOnlyList<Value>)[.. start, value])];
            all.AddRange(last);
        }

        return all;
    }

    /// <summary>Sequences of the program's own distribution, of all lengths in turn.</summary>
    public static IReadOnlyList<IReadOnlyList<Value>> Samples(KnownProgram program, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(index => program.Sample(random, 1 + (index % program.MaxLength)))];
    }

    /// <summary>Compares model and program on sequences.</summary>
    /// <param name="program">The program.</param>
    /// <param name="model">Its transformer, disguised or not.</param>
    /// <param name="sequences">Sequences without BOS, on which the program is defined.</param>
    /// <param name="padding">Tokens of padding behind every sequence; the model must know padding when there are any.</param>
    public static ProgramFit Run(KnownProgram program, KnownModel model, IEnumerable<IReadOnlyList<Value>> sequences, int padding = 0)
    {
        var fit = new ProgramFit(0, 0, 0);
        foreach (var batch in sequences.GroupBy(sequence => sequence.Count).SelectMany(group => group.Chunk(BatchSize)))
        {
            var one = RunBatch(program, model, batch, Math.Min(padding, program.MaxLength - batch[0].Count));
            fit = new ProgramFit(fit.Sequences + one.Sequences, fit.WrongOutputs + one.WrongOutputs, Math.Max(fit.BlockError, one.BlockError));
        }

        return fit;
    }

    private static ProgramFit RunBatch(KnownProgram program, KnownModel model, IReadOnlyList<Value>[] sequences, int padding)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var length = sequences[0].Count;
        var values = sequences.Select(sequence => program.Run(sequence)).ToArray();
        var ids = sequences.SelectMany(sequence => program.TokenIds(sequence).Concat(Enumerable.Repeat(program.Vocabulary.Count + 1L, padding))).ToArray();
        var sites = Site.All(model.Weights.Config);
        using var hooks = new Hooks([.. sites.Select(site => site.HookPoint)]);
        var logits = Transformer.Forward(model.Weights, tensor(ids, [sequences.Length, length + 1 + padding]), hooks: hooks).to(float64);

        var error = 0.0;
        foreach (var node in program.Variables)
        {
            var variable = model[program.Names[node]];
            var expected = stack([.. values.Select(run => variable.Indicators([null, .. run[node]]))], dim: 0); // [batch, pos, dims], BOS first
            foreach (var site in sites)
            {
                var found = hooks[site.HookPoint].narrow(1, 0, length + 1).to(float64).matmul(variable.Reads);
                var difference = variable.WrittenAt <= KnownModel.WrittenAt(site) ? found - expected : found;
                error = Math.Max(error, difference.abs().max().item<double>());
            }
        }

        var wrong = Decode(program, model, logits.narrow(1, 1, length)).Sum(output => output.Values.Zip(values, (found, run) => found.Zip(run[output.Output]).Count(pair => !IsEqual(pair.Second, pair.First))).Sum());
        return new ProgramFit(sequences.Length, wrong, error);
    }

    /// <summary>What the logits say: values (None is when no logit reaches half of what a value has) or numbers.</summary>
    /// <param name="program">The program.</param>
    /// <param name="model">Its transformer.</param>
    /// <param name="logits">[batch, pos, vocab_out], without BOS, float64</param>
    /// <returns>For every output its values, [batch][pos]: <see cref="Value"/>, null or double.</returns>
    internal static IEnumerable<(SequenceOperator Output, object?[][] Values)> Decode(KnownProgram program, KnownModel model, Tensor logits)
    {
        using var scope = NewDisposeScope();
        List<(SequenceOperator, object?[][])> decoded = [];
        var first = 0L;
        foreach (var output in program.Outputs)
        {
            var variable = model[program.Names[output]];
            var width = variable.Encoding is Encoding.Numerical ? 1 : variable.Values.Count;
            var own = logits.narrow(2, first, width);                         // [batch, pos, width]
            first += width;
            var (best, at) = own.max(2);
            var (values, indices) = (best.contiguous().data<double>().ToArray(), at.contiguous().data<long>().ToArray());
            var length = (int)logits.shape[1];
            object? Of(int index) => variable.Encoding is Encoding.Numerical ? values[index] : values[index] > .5 ? variable.Values[(int)indices[index]] : null;
            decoded.Add((output, [.. Enumerable.Range(0, (int)logits.shape[0]).Select(row => (object?[])[.. Enumerable.Range(row * length, length).Select(Of)])]));
        }

        return decoded;
    }

    /// <summary>Whether a decoded value is the program's; a number that is None is held as 0.</summary>
    internal static bool IsEqual(Value? expected, object? found) => found is double number ? Math.Abs((double)(expected?.Number ?? 0) - number) <= NumberTolerance : Equals(expected, found);
}
