using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Attention;

/// <summary>What a head attends to, as mean attention over samples of a task; every score lies in 0..1.</summary>
/// <param name="Layer">Layer.</param>
/// <param name="Head">Head within its layer.</param>
/// <param name="PreviousToken">To the position before the query; mean over queries from position 1 on.</param>
/// <param name="Induction">To the position after the last earlier occurrence of the query's token; mean over queries whose token occurred before (Olsson et al. 2022).</param>
/// <param name="SameToken">To earlier positions with the query's token, itself left out; mean over the same queries.</param>
/// <param name="FirstPosition">To position 0; mean over queries from position 1 on.</param>
public sealed record HeadScores(int Layer, int Head, double PreviousToken, double Induction, double SameToken, double FirstPosition)
{
    /// <summary>Name of the head: <c>a0.1</c>.</summary>
    public string Name => $"a{Layer}.{Head}";

    /// <summary>Scores of every head on samples of a task.</summary>
    public static IReadOnlyList<HeadScores> Of(Weights weights, ITask task, IReadOnlyList<TaskSample> samples)
    {
        Evaluation.RequireFits(weights.Config, task);
        using var noGrad = no_grad();
        var sums = new double[weights.Config.NLayers, weights.Config.NHeads, 4];
        double queries = 0, repeats = 0;
        foreach (var part in Evaluation.Batches(samples, weights.Config.NCtx))
        {
            using var scope = NewDisposeScope();
            using var batch = new TaskBatch(part, task.Vocabulary.Pad, weights.WE.device);
            using var hooks = new Hooks(Enumerable.Range(0, weights.Config.NLayers).Select(HookPoint.Pattern));
            Transformer.Forward(weights, batch.Tokens, hooks: hooks);
            var targets = Targets(part, (int)batch.Tokens.shape[1]);
            queries += part.Sum(sample => sample.Tokens.Length - 1);
            repeats += targets[1].sum().item<float>();
            for (var layer = 0; layer < weights.Config.NLayers; layer++)
            {
                var pattern = hooks[HookPoint.Pattern(layer)].cpu();                                // [batch, head, query, key]
                for (var score = 0; score < 4; score++)
                {
                    var found = (pattern * targets[score].unsqueeze(1)).sum([0, 2, 3]);             // [head]
                    for (var head = 0; head < weights.Config.NHeads; head++)
                        sums[layer, head, score] += found[head].to(float64).item<double>();
                }
            }
        }

        return [.. from layer in Enumerable.Range(0, weights.Config.NLayers)
                   from head in Enumerable.Range(0, weights.Config.NHeads)
                   let sum = (Func<int, double, double>)((score, count) => count > 0 ? sums[layer, head, score] / count : 0)
                   select new HeadScores(layer, head, sum(0, queries), sum(1, repeats), sum(2, repeats), sum(3, queries))];
    }

    /// <summary>For each score the entries of the pattern that count, [batch, query, key].</summary>
    private static Tensor[] Targets(IReadOnlyList<TaskSample> samples, int width)
    {
        float[][] entries = [.. Enumerable.Range(0, 4).Select(_ => new float[samples.Count * width * width])];
        for (var row = 0; row < samples.Count; row++)
        {
            var tokens = samples[row].Tokens;
            for (var query = 1; query < tokens.Length; query++)
            {
                var start = (row * width + query) * width;
                entries[0][start + query - 1] = 1;
                entries[3][start] = 1;
                var last = Array.LastIndexOf(tokens, tokens[query], query - 1);
                if (last < 0)
                    continue;
                entries[1][start + last + 1] = 1;
                for (var key = 0; key < query; key++)
                    entries[2][start + key] = tokens[key] == tokens[query] ? 1 : 0;
            }
        }

        return [.. entries.Select(values => tensor(values, [samples.Count, width, width]))];
    }
}
