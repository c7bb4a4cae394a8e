using System.Diagnostics;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Published;
using SubspaceCircuits.Subspaces.Search;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>
/// Seconds of whole steps (search, gradient, update, everything) and of estimates of mutual information: the eager implementation against the engine,
/// on the same activations, in turns, in one process.
/// </summary>
internal sealed class PartitionSpeedSuite(IReadOnlyList<int> threads, int seed, bool isQuick, IProgress<string> progress, CancellationToken cancellation)
{
    /// <summary>Names of parts.</summary>
    public const string Exact = "exact", Lookahead = "lookahead", Information = "mutual_information";

    private const double WarmUpSeconds = 5;

    /// <summary>No further round begins when those before took longer.</summary>
    private const double LongestSeconds = 240;

    private int Rounds => isQuick ? 1 : 3;

    /// <summary>One part measured.</summary>
    /// <param name="Shape">Shape.</param>
    /// <param name="Data">Kind of activations.</param>
    /// <param name="Part">What was measured: a step, exact or look-ahead, or one batch of mutual information.</param>
    /// <param name="Threads">Threads of both.</param>
    /// <param name="EagerSeconds">Median over the rounds.</param>
    /// <param name="EngineSeconds">Median over the rounds, each a mean over whole periods.</param>
    /// <param name="Ratio">Median over the rounds of their ratio.</param>
    /// <param name="PeakShare">Operations that define the search, over the engine's seconds, over the measured peak; null where they are not counted.</param>
    /// <param name="Search">How the search of all the steps went, those that came before included; null for mutual information.</param>
    internal sealed record Row(string Shape, string Data, string Part, int Threads, double EagerSeconds, double EngineSeconds, double Ratio, double? PeakShare, SearchStatistics? Search = null);

    /// <summary>Something timed in turns: so many times some work, each of so many units that a row counts by.</summary>
    private sealed record Turn(string Part, int Threads, Action Work, int Times, int Units = 1, PartitionTraining? Training = null);

    /// <summary>Whole steps at one shape on one kind of activations.</summary>
    /// <param name="shape">Shape.</param>
    /// <param name="kind">Kind of activations.</param>
    /// <param name="peaks">Measured peak by number of threads.</param>
    public IReadOnlyList<Row> Steps(PartitionShape shape, string kind, IReadOnlyDictionary<int, double> peaks)
    {
        using var scope = NewDisposeScope();
        var activations = shape.Activations(kind, seed);
        List<IDisposable> owned = [];
        T Owned<T>(T value)
            where T : IDisposable
        {
            owned.Add(value);
            return value;
        }

        try
        {
            var eager = Owned(new EagerPartitionTraining(Owned(PartitionShape.Buffer(activations)), eye(shape.DModel), shape.Settings(0)));
            List<Turn> baselines = [], turns = [];
            foreach (var count in threads)
            {
                PartitionTraining Training(SearchMode search, UpdateMode update) =>
                    Owned(new PartitionTraining(Owned(PartitionShape.Buffer(activations)), eye(shape.DModel), shape.Settings(count, search, update)));
                baselines.Add(new Turn("eager", count, () => eager.Step(), Few(shape.EagerSteps)));
                var exact = Training(SearchMode.Exact, UpdateMode.Exact);
                turns.Add(new Turn(Exact, count, () => exact.Step(cancellation), Few(shape.ExactSteps), Training: exact));
                if (shape.LookaheadSteps == 0)
                    continue;
                var lookahead = Training(SearchMode.Lookahead, UpdateMode.Fast);
                turns.Add(new Turn(Lookahead, count, () => lookahead.Step(cancellation), Few(shape.LookaheadSteps), Training: lookahead));
            }

            return Measure(shape, kind, baselines, turns, turn => shape.SearchFlops / peaks[turn.Threads]);
        }
        finally
        {
            for (var i = owned.Count - 1; i >= 0; i--)
                owned[i].Dispose();
        }
    }

    /// <summary>Mutual information of all pairs, one batch, at one shape on one kind of activations; the variances, which the engine takes anew for every estimate, are counted in its time and not in the eager one.</summary>
    public IReadOnlyList<Row> Informations(PartitionShape shape, string kind)
    {
        using var scope = NewDisposeScope();
        var activations = shape.Activations(kind, seed);
        using ActivationBuffer eagerBuffer = PartitionShape.Buffer(activations), buffer = PartitionShape.Buffer(activations);
        using var generator = new Generator((ulong)seed + 1);
        var rotation = Rotation.Random(shape.DModel, generator);
        var scales = EagerMutualInformation.Scales(eagerBuffer, rotation, shape.Sizes);
        void Eager()
        {
            using var batch = NewDisposeScope();
            EagerMutualInformation.NextBatch(eagerBuffer, rotation, shape.Sizes, scales, PartitionShape.BatchSize, shape.InformationBlocks);
        }

        var batches = Few(shape.InformationBatches);
        return Measure(shape, kind,
            [.. threads.Select(count => new Turn("eager", count, Eager, 1))],
            [.. threads.Select(count => new Turn(Information, count, () => EngineParts.Information(buffer, rotation, shape, batches, count, cancellation), 1, batches))],
            _ => null);
    }

    /// <summary>
    /// Ratios of the table with the least number of threads, and the geometric mean of two threads over one, over every shape but the toy: for isotropic
    /// activations, on which goals are set, and with the name of the kind behind for others.
    /// </summary>
    public static IReadOnlyDictionary<string, double> Means(IReadOnlyList<Row> rows)
    {
        Dictionary<string, double> means = [];
        foreach (var kind in SyntheticActivations.Kinds.Keys)
        {
            Row[] some = [.. rows.Where(row => row.Data == kind)];
            Row[] single = [.. some.Where(row => row.Threads == rows.Min(other => other.Threads))];
            void Add(string name, IEnumerable<double> ratios)
            {
                var values = ratios.ToArray();
                if (values.Length > 0)
                    means[kind == SyntheticActivations.Goals ? name : $"{name}_{kind}"] = Math.Exp(values.Average(Math.Log));
            }

            IEnumerable<double> Of(string part, string? shape = null) => single.Where(row => row.Part == part && (shape is null || row.Shape == shape)).Select(row => row.Ratio);
            foreach (var shape in (string[])["toy", "small", "small25"])
                Add(shape, Of(Exact, shape));
            Add("gpt2_exact", Of(Exact, "gpt2"));
            Add("gpt2_lookahead", Of(Lookahead, "gpt2"));
            Add(Information, Of(Information));
            Add("two_threads", TwoThreads(some).Where(pair => pair.Row.Shape != "toy").Select(pair => pair.Gain));
        }

        return means;
    }

    /// <summary>How much faster the engine is with two threads than with one.</summary>
    public static IEnumerable<(Row Row, double Gain)> TwoThreads(IReadOnlyList<Row> rows) =>
        from one in rows.Where(row => row.Threads == 1)
        from two in rows.Where(row => row.Threads == 2 && (row.Shape, row.Data, row.Part) == (one.Shape, one.Data, one.Part))
        select (two, one.EngineSeconds / two.EngineSeconds);

    private List<Row> Measure(PartitionShape shape, string kind, IReadOnlyList<Turn> baselines, IReadOnlyList<Turn> turns, Func<Turn, double?> secondsAtPeak)
    {
        var times = baselines.Concat(turns).ToDictionary(turn => turn, _ => new List<double>());
        foreach (var turn in isQuick ? [] : turns)
            WarmUp(turn);
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < Rounds && clock.Elapsed.TotalSeconds < LongestSeconds; round++)
        {
            foreach (var baseline in baselines)
            {
                foreach (var turn in turns.Where(turn => turn.Threads == baseline.Threads).Prepend(baseline))
                {
                    times[turn].Add(Seconds(turn));
                    progress.Report($"{shape.Name}, {kind}, {turn.Part}, {turn.Threads} thread{(turn.Threads == 1 ? "" : "s")}: {times[turn][^1]:g4} s");
                }
            }
        }

        return [.. turns.Select(turn =>
        {
            var eager = times[baselines.Single(baseline => baseline.Threads == turn.Threads)];
            var engine = times[turn];
            return new Row(shape.Name, kind, turn.Part, turn.Threads, Median(eager), Median(engine), Median(eager.Zip(engine, (slow, fast) => slow / fast)), secondsAtPeak(turn) / Median(engine), turn.Training?.Search);
        })];
    }

    private int Few(int steps) => isQuick ? Math.Min(2, steps) : steps;

    /// <summary>
    /// The runtime compiles its best code, and buffers fill. Any number of steps may come before: whole passes are timed, wherever they begin. Look-ahead
    /// learns in a block of queries how far it can look.
    /// </summary>
    private void WarmUp(Turn turn)
    {
        ComputeThreads.Use(turn.Threads);
        var clock = Stopwatch.StartNew();
        for (var done = 0; done < turn.Times && (turn.Part == Lookahead || clock.Elapsed.TotalSeconds < WarmUpSeconds); done++)
            Work(turn);
    }

    private double Seconds(Turn turn)
    {
        ComputeThreads.Use(turn.Threads);
        var clock = Stopwatch.StartNew();
        for (var done = 0; done < turn.Times; done++)
            Work(turn);
        return clock.Elapsed.TotalSeconds / (turn.Times * turn.Units);
    }

    private void Work(Turn turn)
    {
        cancellation.ThrowIfCancellationRequested();
        turn.Work();
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
