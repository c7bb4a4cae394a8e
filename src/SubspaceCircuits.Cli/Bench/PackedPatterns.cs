using SubspaceCircuits.Models;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>
/// Activations of the published copy transformer as the published runs made them: patterns of 2 to 16 distinct letters, repeated and cut to 32
/// characters, without BOS, each followed by EOS; the stream of tokens is cut into rows of the context's length, so that a row begins anywhere in a
/// sample; activations of all positions are shuffled, in float16. One in four is kept, so that a query rarely meets keys of its own row.
/// </summary>
internal static class PackedPatterns
{
    private const int Letters = 26, Eos = 27, SampleLength = 32, LongestPattern = 16, OneIn = 4, Rows = 512;

    /// <summary>Collects activations of a site.</summary>
    /// <returns>[count, d_model], float16, owned by the caller's scope.</returns>
    public static Tensor Activations(Weights weights, Site site, int count, int seed, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (context, random, generator) = (weights.Config.NCtx, new Random(seed), new Generator((ulong)seed));
        var stream = Stream(random).GetEnumerator();
        List<Tensor> kept = [];
        for (long rows = 0; rows < count; rows += kept[^1].shape[0])
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var tokens = new long[Rows * context];
            for (var i = 0; i < tokens.Length && stream.MoveNext(); i++)
                tokens[i] = stream.Current;
            using var hooks = new Hooks(site.HookPoint);
            Transformer.Forward(weights, tensor(tokens, [Rows, context]), hooks: hooks, stopAtLayer: site.Layer + 1);
            var some = randperm(tokens.Length, generator: generator).narrow(0, 0, tokens.Length / OneIn);
            kept.Add(hooks[site.HookPoint].flatten(0, 1).index_select(0, some).to(float16).MoveToOuterDisposeScope());
        }

        var all = cat(kept, dim: 0);
        return all.index_select(0, randperm(all.shape[0], generator: generator).narrow(0, 0, count)).MoveToOuterDisposeScope();
    }

    private static IEnumerable<long> Stream(Random random)
    {
        var letters = Enumerable.Range(0, Letters).Select(letter => (long)letter).ToArray();
        while (true)
        {
            random.Shuffle(letters);
            var length = random.Next(2, LongestPattern + 1);
            for (var position = 0; position < SampleLength; position++)
                yield return letters[position % length];
            yield return Eos;
        }
    }
}
