using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Heads;

/// <summary>How alike two heads are on the same samples.</summary>
/// <param name="Pattern">
/// <c>mean over queries of Σ_k min(A[q, k], A'[q, k])</c>, which is 1 − total variation, over all queries from position 1 on.
/// </param>
/// <param name="PatternNull">
/// The same between the first head on a sample and the second on the sample's donor, another sample of the same length: what position alone
/// makes alike.
/// </param>
/// <param name="Output">
/// Cosine of what they write, <c>Σ⟨r, r'⟩ / √(Σ‖r‖² Σ‖r'‖²)</c> over all tokens, r less its mean over them; NaN where a head writes a constant.
/// </param>
public sealed record HeadSimilarity(double Pattern, double PatternNull, double Output)
{
    // Results are float32: squares below this share of the whole are noise.
    private const double Rounding = 1e-12;

    /// <summary>Similarities of all pairs of heads.</summary>
    /// <returns>By the numbers of the heads, the smaller first.</returns>
    public static IReadOnlyDictionary<(int, int), HeadSimilarity> Of(Weights weights, ITask task, PairedSamples samples, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var config = weights.Config;
        var count = config.NLayers * config.NHeads;
        var (pattern, patternNull) = (new double[count, count], new double[count, count]);
        var products = zeros(count, count, dtype: float64);
        var sums = zeros(count, config.DModel, dtype: float64);
        double queries = 0, tokens = 0;
        var donors = samples.Samples.Zip(samples.Donors).ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (var part in Evaluation.Batches(samples.Samples, config.NCtx))
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var (patterns, results, isToken) = Run(weights, task, part);
            var others = Run(weights, task, [.. part.Select(sample => donors[sample])]).Patterns;
            queries += part.Sum(sample => sample.Tokens.Length - 1);
            tokens += part.Sum(sample => sample.Tokens.Length);
            var isQuery = isToken.clone();
            isQuery.select(1, 0).zero_();
            for (var one = 0; one < count; one++)
            {
                for (var two = one + 1; two < count; two++)
                {
                    pattern[one, two] += Overlap(patterns[one], patterns[two], isQuery);
                    patternNull[one, two] += Overlap(patterns[one], others[two], isQuery);
                }
            }

            var written = (results * isToken.unsqueeze(-1).unsqueeze(-1)).flatten(0, 1);                // [token, head, d_model]
            products.add_(einsum("thd,tgd->hg", written, written).cpu());
            sums.add_(written.sum(dim: 0).cpu());
        }

        var centred = products - sums.matmul(sums.T) / tokens;                                          // [head, head]
        // What is left of a constant is rounding: no direction.
        var variance = where(centred.diagonal().gt(Rounding * products.diagonal()), centred.diagonal(), double.NaN);
        var cosines = (centred / variance.sqrt().unsqueeze(0) / variance.sqrt().unsqueeze(1)).data<double>().ToArray();
        return (from one in Enumerable.Range(0, count)
                from two in Enumerable.Range(one + 1, count - one - 1)
                select (one, two)).ToDictionary(pair => pair, pair =>
                    new HeadSimilarity(pattern[pair.one, pair.two] / queries, patternNull[pair.one, pair.two] / queries, cosines[pair.one * count + pair.two]));
    }

    private static double Overlap(Tensor one, Tensor two, Tensor isQuery) => (one.minimum(two).sum(dim: -1) * isQuery).sum().item<double>();

    /// <summary>Patterns of every head [batch, query, key], results [batch, pos, head, d_model] in float64, and where tokens stand [batch, pos].</summary>
    private static (Tensor[] Patterns, Tensor Results, Tensor IsToken) Run(Weights weights, ITask task, IReadOnlyList<TaskSample> samples)
    {
        var config = weights.Config;
        using var batch = new TaskBatch(samples, task.Vocabulary.Pad, weights.WE.device);
        int[] layers = [.. Enumerable.Range(0, config.NLayers)];
        using var hooks = new Hooks([.. layers.Select(HookPoint.Pattern), .. layers.Select(HookPoint.Result)]);
        Transformer.Forward(weights, batch.Tokens, hooks: hooks, stopAtLayer: config.NLayers);
        Tensor[] patterns = [.. layers.SelectMany(layer => Enumerable.Range(0, config.NHeads).Select(head => hooks[HookPoint.Pattern(layer)].select(1, head)))];
        return (patterns, cat([.. layers.Select(layer => hooks[HookPoint.Result(layer)])], dim: 2).to(float64), batch.IsToken());
    }
}
