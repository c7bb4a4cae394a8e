using System.Runtime.InteropServices;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>The queries of one step and those that will follow under the same keys.</summary>
/// <param name="Block">Which block of queries.</param>
/// <param name="Row">First row of the batch in it.</param>
/// <param name="Count">Queries of the batch.</param>
internal readonly record struct QueryPlace(long Block, int Row, int Count);

/// <summary>
/// Nearest keys in subspaces of more than a few dimensions. One pass over all keys finds candidates for the queries of several steps at
/// once, under the rotation of the first; at every step they are compared exactly under the rotation of that step. In exact mode a nearest
/// key counts as found when no other key can have come nearer (see remarks); where that is not proved, all keys are searched again.
/// </summary>
/// <remarks>
/// A key that is no candidate lay at least at L from the query when the pass was made. Since then it has moved by at most
/// <c>‖k‖ ‖R_s − R⁰_s‖₂</c> in the subspace and the query by <c>‖q (R_s − R⁰_s)‖</c>, so it is at least at L less both. The pass is made for as
/// many steps as the last ones could serve.
/// </remarks>
internal sealed unsafe class CandidateSearch : IDisposable
{
    private const int DirectKept = 4, FirstRound = 2, AuditEvery = 16;
    private const float Typical = 3;
    private const double WantedMisses = 5e-4, MostOpen = 0.02;

    /// <summary>Share of nearest keys that may stand too far down their list to be compared in look-ahead, a fifth of what is wanted in all.</summary>
    private const double TooDeep = 1e-4;

    private const int LeastDepth = 4, ShortestHorizon = 4, LongestHorizon = 128;
    private const double Memory = 0.9;

    private readonly EngineSettings _settings;
    private readonly ICandidatePass _pass, _direct, _heavyPass;
    private readonly IRecheck[] _rechecks, _before;
    private readonly AlignedBuffer<float> _rotation = new(), _queries = new(), _some = new();
    private int _version = -1, _count, _horizon, _served;
    private QueryPlace _start;
    private int[] _sizes = [];
    private SubspaceColumns? _columns;
    private double _missRate = WantedMisses / 2, _firstShare;

    /// <summary>How often nearest keys stood at each place of their lists, lately; down to which place nearly all did; to which place lists are compared.</summary>
    private readonly double[] _places;
    private int _reached, _depth;

    public CandidateSearch(EngineSettings settings)
    {
        _settings = settings;
        (_pass, _direct, _heavyPass) = (Kernels.Pass(settings), Kernels.Pass(settings), Kernels.Pass(settings));
        (_rechecks, _before) = ([.. Enumerable.Range(0, settings.Threads).Select(_ => Kernels.Recheck(settings))], [.. Enumerable.Range(0, settings.Threads).Select(_ => Kernels.Recheck(settings))]);
        (_places, _depth) = (new double[settings.Kept], settings.Kept);
        _horizon = settings.Mode is SearchMode.Exact ? 2 : 16;
    }

    public SearchStatistics Statistics { get; private set; } = new();

    /// <summary>Finds the nearest keys of a batch.</summary>
    /// <param name="window">The keys.</param>
    /// <param name="rotation">R, [d_model, d_model].</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="chosen">Subspaces to search.</param>
    /// <param name="place">Where the batch lies.</param>
    /// <param name="queries">Gives queries from a row of the place's block on, less the center, up to a number; how many there were.</param>
    /// <param name="found">Filled for the chosen subspaces.</param>
    /// <param name="cancellation">Checked between tiles.</param>
    public void Find(KeyWindow window, float* rotation, IReadOnlyList<int> sizes, IReadOnlyList<int> chosen, QueryPlace place, QuerySource queries, Neighbors found, CancellationToken cancellation)
    {
        if (!Covers(window, sizes, chosen, place))
            Start(window, rotation, sizes, chosen, place, queries, cancellation);
        var d = window.DModel;
        var batch = _queries.Pointer + (nint)(place.Row - _start.Row) * d;
        if (window.Heavy.Rows is { } heavy)
            _heavyPass.Run(new PassSettings([heavy], window.Center, _columns!, FirstRound, false), rotation, batch, place.Count, cancellation);

        var isAudited = _settings.Mode is SearchMode.Lookahead && (Statistics.Steps + 1) % AuditEvery == 0;
        var depth = isAudited ? _settings.Kept : _depth;
        var open = new List<int>[chosen.Count]; // queries whose nearest key is not proved
        Parts.Each(_settings.Threads, chosen.Count, (thread, s) => open[s] = Compare(window, rotation, s, place, batch, depth, found, thread));
        _served++;
        Statistics = Statistics with { Steps = Statistics.Steps + 1 };

        if (_settings.Mode is SearchMode.Exact)
        {
            int[] subspaces = [.. chosen.Where((_, s) => open[s].Count > 0)];
            if (subspaces.Length == 0)
                return;
            Direct(window, rotation, sizes, subspaces, batch, [.. open.SelectMany(queries => queries).Distinct().Order()], place.Count, found, cancellation);
            // A few queries lie among thousands of keys that are as near, and are never proved; what counts is how many more are not.
            var share = open.Sum(queries => queries.Count) / (double)(chosen.Count * place.Count);
            if (_served == 1)
                _firstShare = share;
            if (share > Math.Max(MostOpen, 2 * _firstShare))
                Shorten();
        }
        else if (isAudited)
        {
            NoteDepth(chosen, place, found);
            Audit(window, rotation, sizes, chosen[Statistics.Steps / AuditEvery % chosen.Count], batch, place.Count, found, cancellation);
        }
    }

    public void Dispose()
    {
        foreach (var disposable in new IDisposable[] { _pass, _direct, _heavyPass, _rotation, _queries, _some }.Concat(_rechecks).Concat(_before))
            disposable.Dispose();
    }

    private bool Covers(KeyWindow window, IReadOnlyList<int> sizes, IReadOnlyList<int> chosen, QueryPlace place) =>
        _version == window.Version && place.Block == _start.Block && place.Row >= _start.Row && place.Row + place.Count <= _start.Row + _count
        && sizes.SequenceEqual(_sizes) && chosen.SequenceEqual(_columns!.Chosen);

    private void Start(KeyWindow window, float* rotation, IReadOnlyList<int> sizes, IReadOnlyList<int> chosen, QueryPlace place, QuerySource queries, CancellationToken cancellation)
    {
        var d = window.DModel;
        if (_settings.Mode is SearchMode.Exact && _version >= 0 && _served * place.Count >= _count)
            _horizon = Math.Min(2 * _horizon, LongestHorizon / 2); // the last pass served all of its steps
        _columns = new SubspaceColumns(sizes, chosen);
        _sizes = [.. sizes];
        var kept = _settings.Kept;
        var steps = _horizon;
        while (steps > 1 && _pass.Bytes(chosen.Count, steps * place.Count, kept) > _settings.MemoryBytes)
            steps /= 2;
        var wanted = steps * place.Count;
        _queries.Ensure((long)wanted * d);
        _count = queries(place.Row, wanted, _queries.Pointer) / place.Count * place.Count;
        new ReadOnlySpan<float>(rotation, d * d).CopyTo(new Span<float>(_rotation.Ensure((long)d * d), d * d));
        var settings = new PassSettings([.. window.Blocks.Select(block => block.Rows)], window.Center, _columns, kept, _settings.IsBytes,
            _settings is { IsBytes: true, IsBrainFloat: true, Mode: SearchMode.Lookahead } && d >= BrainFloatRows.LeastWidth ? window.Heavy.Bound : 0);
        _version = -1; // nothing is covered when this is cancelled
        _pass.Run(settings, rotation, _queries.Pointer, _count, cancellation);
        (_start, _version, _served) = (place, window.Version, 0);
        Statistics = Statistics with { Passes = Statistics.Passes + 1 };
    }

    /// <summary>The next pass is made for no more steps than this one served.</summary>
    private void Shorten()
    {
        _horizon = Math.Max(1, _served);
        _version = -1;
    }

    /// <summary>Compares the candidates of a batch in one subspace.</summary>
    /// <returns>Queries whose nearest key is not proved.</returns>
    private List<int> Compare(KeyWindow window, float* rotation, int s, QueryPlace place, float* batch, int depth, Neighbors found, int thread)
    {
        var (d, first, size, offset) = (window.DModel, _columns!.Sources[s], _columns.Sizes[s], place.Row - _start.Row);
        var (recheck, before, heavy) = (_rechecks[thread], _before[thread], window.Heavy);
        recheck.Begin(rotation, first, size, batch, place.Count, d);
        before.Begin(_rotation.Pointer, first, size, batch, place.Count, d);
        var drift = DriftBound.Of(rotation, _rotation.Pointer, d, first, size);
        if (_settings.Mode is SearchMode.Lookahead)
            drift = Math.Min(drift, Typical * Frobenius(rotation, d, first, size) / MathF.Sqrt(d));

        var best = new float[place.Count];
        var keys = new int[place.Count];
        Array.Fill(best, float.PositiveInfinity);
        var moved = new float[place.Count];
        for (var query = 0; query < place.Count; query++)
            moved[query] = MathF.Sqrt(Row.SquaredDistance(recheck.Query(query), before.Query(query), size));

        List<Pair> pairs = [];
        for (var round = 0; round < 2; round++)
        {
            pairs.Clear();
            for (var query = 0; query < place.Count; query++)
            {
                var candidates = _pass.Candidates(s, offset + query);
                if (round == 0)
                {
                    foreach (var entry in candidates[..Math.Min(FirstRound, candidates.Length)])
                        pairs.Add(new Pair(query, CandidateLists.Key(entry)));
                    if (heavy.Rows is null)
                        continue;
                    foreach (var entry in _heavyPass.Candidates(s, query))
                        pairs.Add(new Pair(query, heavy.Keys[CandidateLists.Key(entry)]));
                    continue;
                }

                var limit = MathF.Sqrt(best[query]) + moved[query];
                for (var i = FirstRound; i < Math.Min(candidates.Length, depth); i++)
                {
                    var (key, bound) = (CandidateLists.Key(candidates[i]), _pass.LowerBound(s, offset + query, candidates[i]));
                    if (bound - drift * heavy.Bound > limit)
                        break; // the others were farther
                    if (bound - drift * Math.Min(window.Norm(key), heavy.Bound) <= limit)
                        pairs.Add(new Pair(query, key));
                }
            }

            recheck.Improve(window, CollectionsMarshal.AsSpan(pairs), best, keys);
        }

        List<int> open = [];
        for (var query = 0; query < place.Count; query++)
        {
            var candidates = _pass.Candidates(s, offset + query);
            var distance = MathF.Sqrt(best[query]);
            var subspace = _columns.Chosen[s];
            (found.Keys[subspace * place.Count + query], found.Distances[subspace * place.Count + query]) = (keys[query], distance);
            if (candidates.Length == _settings.Kept && candidates.Length < window.Count && !(distance < _pass.LowerBound(s, offset + query, candidates[^1]) - drift * heavy.Bound - moved[query]))
                open.Add(query);
        }

        return open;
    }

    private float Frobenius(float* rotation, int d, int first, int size)
    {
        var sum = 0.0;
        for (var i = 0; i < d; i++)
            sum += Row.SquaredDistance(rotation + (nint)i * d + first, _rotation.Pointer + (nint)i * d + first, size);
        return (float)Math.Sqrt(sum);
    }

    /// <summary>All keys, in float32, in some subspaces and for some queries of the batch.</summary>
    private void Direct(KeyWindow window, float* rotation, IReadOnlyList<int> sizes, int[] chosen, float* batch, int[] some, int count, Neighbors found, CancellationToken cancellation)
    {
        var (d, columns) = (window.DModel, new SubspaceColumns(sizes, chosen));
        var queries = _some.Ensure((long)some.Length * d);
        for (var i = 0; i < some.Length; i++)
            new ReadOnlySpan<float>(batch + (nint)some[i] * d, d).CopyTo(new Span<float>(queries + (nint)i * d, d));
        _direct.Run(new PassSettings([.. window.Blocks.Select(block => block.Rows)], window.Center, columns, DirectKept, false), rotation, queries, some.Length, cancellation);
        Parts.Each(_settings.Threads, chosen.Length, (thread, s) =>
        {
            _rechecks[thread].Begin(rotation, columns.Sources[s], columns.Sizes[s], queries, some.Length, d);
            List<Pair> pairs = [];
            for (var query = 0; query < some.Length; query++)
            {
                foreach (var entry in _direct.Candidates(s, query))
                    pairs.Add(new Pair(query, CandidateLists.Key(entry)));
            }

            var best = new float[some.Length];
            var keys = new int[some.Length];
            Array.Fill(best, float.PositiveInfinity);
            _rechecks[thread].Improve(window, CollectionsMarshal.AsSpan(pairs), best, keys);
            for (var query = 0; query < some.Length; query++)
            {
                var at = chosen[s] * count + some[query];
                (found.Keys[at], found.Distances[at]) = (keys[query], MathF.Sqrt(best[query]));
            }
        });
        Statistics = Statistics with { DirectPasses = Statistics.DirectPasses + 1 };
    }

    /// <summary>Learns how far down their lists nearest keys stand, after all candidates were compared.</summary>
    private void NoteDepth(IReadOnlyList<int> chosen, QueryPlace place, Neighbors found)
    {
        for (var i = 0; i < _places.Length; i++)
            _places[i] *= Memory;
        for (var s = 0; s < chosen.Count; s++)
        {
            for (var query = 0; query < place.Count; query++)
            {
                var key = found.Keys[chosen[s] * place.Count + query];
                var candidates = _pass.Candidates(s, place.Row - _start.Row + query);
                var at = 0;
                while (at < candidates.Length && CandidateLists.Key(candidates[at]) != key)
                    at++;
                if (at < candidates.Length) // else it is a heavy key
                    _places[at]++;
            }
        }

        var (deeper, seen) = (0.0, _places.Sum());
        for (_reached = _places.Length; _reached > LeastDepth && deeper + _places[_reached - 1] <= TooDeep * seen; _reached--)
            deeper += _places[_reached - 1];
        _depth = seen >= 1 / TooDeep ? _reached : _settings.Kept; // fewer say too little of what is rare
    }

    /// <summary>Searches one subspace exactly, counts what the candidates missed, and looks less far ahead when it was too much.</summary>
    private void Audit(KeyWindow window, float* rotation, IReadOnlyList<int> sizes, int subspace, float* batch, int count, Neighbors found, CancellationToken cancellation)
    {
        int[] keys = found.Keys[(subspace * count)..((subspace + 1) * count)];
        float[] distances = found.Distances[(subspace * count)..((subspace + 1) * count)];
        Direct(window, rotation, sizes, [subspace], batch, [.. Enumerable.Range(0, count)], count, found, cancellation);
        var (agreed, foundSum, leastSum) = (0, 0.0, 0.0);
        for (var query = 0; query < count; query++)
        {
            var least = found.Distances[subspace * count + query];
            agreed += keys[query] == found.Keys[subspace * count + query] || distances[query] <= least ? 1 : 0;
            foundSum += distances[query];
            leastSum += least;
        }

        Statistics += new SearchStatistics { Audited = count, Agreed = agreed, FoundSum = foundSum, LeastSum = leastSum };
        _missRate = Memory * _missRate + (1 - Memory) * (1 - agreed / (double)count);
        if (_missRate > WantedMisses && _horizon > ShortestHorizon)
        {
            _version = -1; // the pass that misses too much serves no more
            LookAhead(_horizon / 2);
        }
        else if (_reached <= _settings.Kept / 2 && _served > _horizon / 2 && _horizon < LongestHorizon)
        {
            LookAhead(_horizon * 2); // nearest keys stand well above the end of their lists, late in a pass
        }
    }

    private void LookAhead(int steps)
    {
        (_horizon, _missRate, _depth) = (steps, WantedMisses / 2, _settings.Kept);
        Array.Clear(_places);
    }
}

/// <summary>Gives queries of the present block, less the center.</summary>
/// <param name="row">First row.</param>
/// <param name="most">Rows at most.</param>
/// <param name="target">[most, d_model]</param>
/// <returns>Rows given.</returns>
internal unsafe delegate int QuerySource(int row, int most, float* target);
