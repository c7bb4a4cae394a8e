using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.KnownCircuits.Twin;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.KnownCircuits.Twin;

/// <summary>The twin, built once for all tests of a class, and patterns of full length.</summary>
public sealed class BuiltCopyTwin : IDisposable
{
    private const int Patterns = 40;

    public BuiltCopyTwin()
    {
        using var scope = NewDisposeScope();
        Model = CopyTwin.Build().Assemble("copy_twin");
        var random = new Random(0);
        Sequences = [.. Enumerable.Range(0, Patterns).Select(_ => CopyTwin.Program.Sample(random, CopyTwin.Program.MaxLength))];
        Runs = [.. Sequences.Select(sequence => Named(CopyTwin.Program.Run(sequence)))];
    }

    public KnownModel Model { get; }

    public IReadOnlyList<IReadOnlyList<Value>> Sequences { get; }

    /// <summary>Every variable of the program by name, for each sequence.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, IReadOnlyList<Value?>>> Runs { get; }

    /// <summary>A variable of the program.</summary>
    public static SequenceOperator Variable(string name) => CopyTwin.Program.Variables.Single(node => node.Name == name);

    public static IReadOnlyDictionary<string, IReadOnlyList<Value?>> Named(IReadOnlyDictionary<SequenceOperator, IReadOnlyList<Value?>> run) => run.ToDictionary(pair => pair.Key.Name, pair => pair.Value);

    /// <summary>Token ids, BOS first. [batch, pos]</summary>
    public static Tensor Ids(IReadOnlyList<IReadOnlyList<Value>> sequences) =>
        tensor(sequences.SelectMany(CopyTwin.Program.TokenIds).ToArray(), [sequences.Count, sequences[0].Count + 1], dtype: int64);

    /// <summary>Right next tokens where the present one occurred before, and how many there are.</summary>
    public (int Right, int All) Predicted(Weights weights)
    {
        using var scope = NewDisposeScope();
        return Predicted(Transformer.Forward(weights, Ids(Sequences)));
    }

    /// <inheritdoc cref="Predicted(Weights)"/>
    public (int Right, int All) Predicted(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var best = logits.argmax(-1).data<long>().ToArray();
        var (right, all) = (0, 0);
        for (var row = 0; row < Sequences.Count; row++)
        {
            var predictions = Runs[row]["pred"];
            for (var position = 0; position < predictions.Count; position++)
            {
                if (predictions[position] is not { } next)
                    continue;
                all++;
                right += best[(row * (predictions.Count + 1)) + position + 1] == Model["pred"].IndexOf(next) ? 1 : 0;
            }
        }

        return (right, all);
    }

    public void Dispose() => Model.Dispose();
}
