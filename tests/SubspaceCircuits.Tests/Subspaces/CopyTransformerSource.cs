using SubspaceCircuits.Activations;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.Subspaces;

/// <summary>
/// Activations of the published copy transformer as the published runs made them: patterns of 2 to 16 distinct letters, repeated
/// and cut to 32 characters, without BOS, each followed by EOS; the stream of tokens is cut into rows of the context's length, so
/// that a row begins anywhere in a sample; activations of all positions are shuffled, in float16. Of the 4 million that the published
/// runs made at a time only some were searched: one in four is kept here, so that a query rarely meets keys of its own row.
/// </summary>
internal static class CopyTransformerSource
{
    private const int Letters = 26, Eos = 27, SampleLength = 32, LongestPattern = 16, OneIn = 4;

    public static ShuffledSource Make(Weights weights, Site site, int rows, int seed)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var context = weights.Config.NCtx;
        var tokens = tensor(Stream(new Random(seed)).Take(rows / context * context * OneIn).ToArray()).reshape(-1, context); // [row, pos]
        var generator = new Generator((ulong)seed);
        List<Tensor> kept = [];
        foreach (var chunk in tokens.split(512, dim: 0))
        {
            using var step = NewDisposeScope();
            using var hooks = new Hooks(site.HookPoint);
            Transformer.Forward(weights, chunk, hooks: hooks, stopAtLayer: site.Layer + 1);
            var some = randperm(chunk.numel(), generator: generator).narrow(0, 0, chunk.numel() / OneIn);
            kept.Add(hooks[site.HookPoint].flatten(0, 1).index_select(0, some).to(float16).MoveToOuterDisposeScope());
        }

        return new ShuffledSource(cat(kept, dim: 0), generator);
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
