using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Heads;

/// <summary>One head.</summary>
/// <param name="Head">Name, <c>a0.1</c>.</param>
/// <param name="Alone">The model with it alone ablated, on fresh samples.</param>
/// <param name="Verdicts">For each threshold, from the samples of the choice.</param>
public sealed record HeadFinding(string Head, HeadSetMeasure Alone, IReadOnlyList<HeadVerdictAt> Verdicts);

/// <summary>Two heads. With <c>Δ</c> the divergence, or the loss of match accuracy, by an ablation, the excess is <c>Δ(h ∪ h') − Δ(h) − Δ(h')</c>, on fresh samples.</summary>
/// <param name="Heads">Their names.</param>
/// <param name="Both">The model with both ablated, on fresh samples.</param>
/// <param name="KlExcess">Excess in divergence, nats for each scored position; positive where one makes up for the other.</param>
/// <param name="MatchExcess">Excess in lost match accuracy.</param>
/// <param name="Similarity">How alike they are, on fresh samples.</param>
public sealed record HeadPairFinding(IReadOnlyList<string> Heads, HeadSetMeasure Both, double KlExcess, double MatchExcess, HeadSimilarity Similarity);

/// <summary>A set of heads with all others ablated.</summary>
/// <param name="Heads">Heads that are kept.</param>
/// <param name="Chosen">On the samples on which it was chosen.</param>
/// <param name="Fresh">On fresh samples.</param>
public sealed record HeadSetFinding(IReadOnlyList<string> Heads, HeadSetMeasure Chosen, HeadSetMeasure Fresh);

/// <summary>The smallest sufficient sets for one threshold.</summary>
/// <param name="Threshold">Least match accuracy, on the samples of the choice.</param>
/// <param name="Size">Their size.</param>
/// <param name="HeuristicSize">Size that the heuristic found.</param>
/// <param name="IsExhaustive">Whether the size is proven and no set missing.</param>
/// <param name="IsHeuristicOptimal">Whether the heuristic found the least size; null where that is not proven.</param>
/// <param name="Sets">The sets.</param>
public sealed record SufficientSetsFinding(double Threshold, int Size, int HeuristicSize, bool IsExhaustive, bool? IsHeuristicOptimal, IReadOnlyList<HeadSetFinding> Sets);

/// <summary>Which heads of a model are needed, and which stand in for each other.</summary>
/// <param name="Ablation">What stands in the place of an ablated head's output.</param>
/// <param name="Settings">Samples, lengths, thresholds, tolerances, seed.</param>
/// <param name="WithoutDonor">Samples, of those of the choice and the fresh ones, that had no other of their length to be resampled from.</param>
/// <param name="Whole">The whole model on fresh samples.</param>
/// <param name="None">The model with all heads ablated, on fresh samples.</param>
/// <param name="Heads">Every head.</param>
/// <param name="Pairs">Every pair, the greatest excess in divergence first.</param>
/// <param name="Sufficient">The smallest sufficient sets for each threshold.</param>
/// <param name="Runs">Sets that were run on the samples of the choice.</param>
public sealed record HeadRedundancy(string Ablation, HeadRedundancySettings Settings, int WithoutDonor, HeadSetMeasure Whole, HeadSetMeasure None,
    IReadOnlyList<HeadFinding> Heads, IReadOnlyList<HeadPairFinding> Pairs, IReadOnlyList<SufficientSetsFinding> Sufficient, int Runs)
{
    /// <summary>Finds them: sets are chosen and verdicts given on one set of samples, all numbers are measured on fresh ones.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives samples and scoring.</param>
    /// <param name="settings">How it is measured.</param>
    /// <param name="progress">Told how many sets were run; may be null.</param>
    /// <param name="cancellation">Checked before every run of a batch.</param>
    public static HeadRedundancy Of(Weights weights, ITask task, HeadRedundancySettings settings, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        settings.Validate();
        Evaluation.RequireFits(weights.Config, task);
        var config = weights.Config;
        var random = new Random(settings.Seed);
        PairedSamples Draw() => PairedSamples.Draw(task, settings.From, settings.To, settings.Samples, random);
        var (choice, fresh) = (Draw(), Draw());
        var reference = settings.Ablation is HeadAblation.Resample ? [] : TaskBatch.Draw(task, settings.From, settings.To, settings.Reference, random);
        using var choosing = new HeadAblationRuns(weights, task, settings.Ablation, choice, reference, cancellation);
        using var measuring = new HeadAblationRuns(weights, task, settings.Ablation, fresh, reference, cancellation);

        var all = HeadSet.All(config);
        int[] heads = [.. all.Members()];
        HeadSet[] singles = [.. heads.Select(head => HeadSet.Of(head))];
        HeadSet[] pairs = [.. heads.SelectMany(one => heads.Where(two => two > one).Select(two => HeadSet.Of(one, two)))];
        Dictionary<HeadSet, HeadSetMeasure> Table(HeadAblationRuns runs, IEnumerable<HeadSet> sets)
        {
            HeadSet[] distinct = [.. sets.Distinct()];
            return distinct.Zip(runs.Measure(distinct, progress, cancellation)).ToDictionary(pair => pair.First, pair => pair.Second);
        }


        var chosen = Table(choosing, [.. singles, .. pairs]);
        var search = new SufficientSetSearch(heads.Length, kept => choosing.Measure([.. kept.Select(all.Except)], progress, cancellation));
        SufficientSets[] sufficient = [.. settings.Thresholds.Select(search.Run)];
        var found = Table(measuring, [default, all, .. singles, .. pairs]);
        var judge = new HeadJudge(heads.Length, head => chosen[HeadSet.Of(head)], (one, two) => chosen[HeadSet.Of(one, two)], head => HeadSet.NameOf(config, head), settings);
        var similar = HeadSimilarity.Of(weights, task, fresh, cancellation);

        HeadPairFinding Pair(HeadSet set)
        {
            var (one, two) = (set.Members().First(), set.Members().Last());
            var (both, first, second) = (found[set], found[HeadSet.Of(one)], found[HeadSet.Of(two)]);
            return new HeadPairFinding(set.Names(config), both, both.Kl - first.Kl - second.Kl,
                first.MatchAccuracy + second.MatchAccuracy - both.MatchAccuracy - 1, similar[(one, two)]);
        }

        SufficientSetsFinding Sets(SufficientSets sets)
        {
            HeadSet[] ablated = [.. sets.Sets.Select(all.Except)];
            var measured = choosing.Measure(ablated, progress, cancellation).Zip(measuring.Measure(ablated, progress, cancellation));
            return new SufficientSetsFinding(sets.Threshold, sets.Size, sets.Found, sets.IsExhaustive, sets.IsHeuristicOptimal,
                [.. sets.Sets.Zip(measured, (set, pair) => new HeadSetFinding(set.Names(config), pair.First, pair.Second))]);
        }

        return new HeadRedundancy(settings.Ablation.Describe(), settings, choice.WithoutDonor + fresh.WithoutDonor, found[default], found[all],
            [.. heads.Select(head => new HeadFinding(HeadSet.NameOf(config, head), found[HeadSet.Of(head)], [.. sufficient.Select(sets => judge.Judge(head, sets))]))],
            [.. pairs.Select(Pair).OrderByDescending(pair => pair.KlExcess)], [.. sufficient.Select(Sets)], choosing.Runs);
    }
}
