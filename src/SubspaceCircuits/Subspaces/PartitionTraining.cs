using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces.Rotations;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces;

/// <summary>
/// Neighbor Distance Minimization: turns the rotation so that every activation lies close to its nearest neighbour within each
/// subspace, and merges subspaces that tell about each other. The published method in the Euclidean metric, without libtorch and without automatic
/// differentiation. Owns its engine and frees it; the buffer stays the caller's.
/// </summary>
public sealed class PartitionTraining : IDisposable
{
    private readonly ActivationBuffer _buffer;
    private readonly PartitionSettings _settings;
    private readonly int _threads, _dModel;
    private readonly BufferSearch _search;
    private readonly ISubspaceGradient _gradient;
    private readonly AlignedBuffer<float> _slope = new();
    private readonly List<MergeCheck> _checks = [];
    private IRotationUpdate _update;
    private int _sinceMerge;
    private (long Block, int Next) _place;
    private SearchStatistics _before = new();

    /// <summary>Training that starts from a rotation.</summary>
    /// <param name="buffer">Gives queries and keys.</param>
    /// <param name="start">First rotation, orthogonal; the published method starts at the identity. [d_model, d_model]</param>
    /// <param name="settings">Settings.</param>
    /// <param name="sizes">Columns of each subspace; equal units of the settings' size when not given.</param>
    /// <exception cref="ArgumentException">The sizes do not add up to d_model.</exception>
    public PartitionTraining(ActivationBuffer buffer, Tensor start, PartitionSettings settings, IReadOnlyList<int>? sizes = null)
        : this(buffer, settings, sizes ?? settings.InitialSizes((int)start.shape[0]), RotationUpdates.At(Orthogonal(start)))
    {
        Partition.RequireCover(Sizes, start.shape[0]);
    }

    /// <summary>Training that goes on where another was.</summary>
    /// <param name="buffer">Gives queries and keys; fresh, over the same activations as the other's.</param>
    /// <param name="state">Where the other was.</param>
    /// <param name="settings">Settings, the same as the other's.</param>
    public PartitionTraining(ActivationBuffer buffer, PartitionTrainingState state, PartitionSettings settings)
        : this(buffer, settings, state.Sizes, state.Rotation)
    {
        (StepsDone, _sinceMerge) = (state.Steps, state.SinceMerge);
        _checks.AddRange(state.Checks);
        _before = state.Search;
        if (state.Center.Count > 0)
            _search.Window.CenterAt([.. state.Center]);
        buffer.MoveTo(state.QueryBlock, state.NextQuery);
        NotePlace();
    }

    private unsafe PartitionTraining(ActivationBuffer buffer, PartitionSettings settings, IReadOnlyList<int> sizes, RotationState rotation)
    {
        settings.Validate();
        (_buffer, _settings, Sizes, _threads) = (buffer, settings, sizes, ComputeThreads.Or(settings.Threads));
        _dModel = sizes.Sum();
        var engine = new EngineSettings { Threads = _threads, Mode = settings.Search, Kept = settings.Search is SearchMode.Exact ? 64 : 32, MemoryBytes = (long)settings.MemoryMiB << 20 };
        _search = new BufferSearch(buffer, engine);
        _gradient = Kernels.Gradient(engine);
        _slope.Ensure((long)_dModel * _dModel);
        _update = RotationUpdates.From(settings.Update, rotation, _threads, engine.Path);
        NotePlace();
    }

    /// <summary>Columns of each subspace at present.</summary>
    public IReadOnlyList<int> Sizes { get; private set; }

    /// <summary>Steps done.</summary>
    public int StepsDone { get; private set; }

    /// <summary>Every check for merges so far.</summary>
    public IReadOnlyList<MergeCheck> Checks => _checks;

    /// <summary>How the search went: passes over the keys, and what look-ahead missed.</summary>
    public SearchStatistics Search => _before + _search.Statistics;

    /// <summary>The rotation at present. [d_model, d_model], float32, owned by the caller's scope.</summary>
    public Tensor CurrentRotation() => tensor(_update.Rotation.ToArray(), [_dModel, _dModel]);

    /// <summary>
    /// Where the training was after its last whole step or check for merges: enough to go on with the same bytes in exact mode. In look-ahead mode the
    /// next candidates are sought anew.
    /// </summary>
    public PartitionTrainingState State() => new(StepsDone, _sinceMerge, [.. Sizes], _update.State(), _place.Block, _place.Next, _search.Window.Center.Span.ToArray(), [.. _checks], Search);

    /// <summary>One step: search neighbours, take the gradient, move the rotation.</summary>
    /// <param name="cancellation">Checked between tiles of keys; a step that is cancelled changes nothing but the buffer's place.</param>
    public unsafe PartitionProgress Step(CancellationToken cancellation = default)
    {
        double loss;
        fixed (float* rotation = _update.Rotation)
        {
            var neighbors = _search.Next(rotation, Sizes, _settings.BatchSize, _settings.SearchBlocks, cancellation);
            loss = _gradient.Of(_search.Window, rotation, Sizes, _search.Batch, neighbors, _slope.Pointer);
        }

        var rate = _settings.IsAnnealed
            ? _settings.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, _sinceMerge / (double)SegmentLength())))
            : _settings.LearningRate;
        var norm = _update.Step(_slope.Span[..(_dModel * _dModel)], rate, _settings.ClipNorm);
        StepsDone++;
        _sinceMerge++;
        if (_settings.RebaseEvery > 0 && StepsDone % _settings.RebaseEvery == 0)
            _update.Rebase();
        NotePlace();
        return new PartitionProgress(StepsDone, _settings.MaxSteps, loss, norm, Sizes, Search);
    }

    /// <summary>Whether a check for merges is due after the last step.</summary>
    public bool IsMergeDue => _settings.IsMergeDue(StepsDone);

    /// <summary>Whether there are as few subspaces as were asked for.</summary>
    public bool IsAtTarget => _settings.StopAt > 0 && Sizes.Count <= _settings.StopAt;

    /// <summary>Merges what the rule says; the optimiser starts anew.</summary>
    /// <returns>False when no pair qualified, which ends the training.</returns>
    public bool TryMerge(CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var rotation = CurrentRotation();
        var information = MutualInformation.AllPairs(_buffer, rotation, Sizes, _settings.InformationBatches, _settings.BatchSize, _settings.InformationBlocks, _threads, _settings.MemoryMiB, cancellation);
        var normalized = MutualInformation.Normalize(information, Sizes);
        var mostMerges = _settings.StopAt > 0 ? Sizes.Count - _settings.StopAt : int.MaxValue;
        var groups = MergeRule.Groups(Sizes, normalized, _settings.MergeThreshold, mostMerges);
        _checks.Add(new MergeCheck(StepsDone, Sizes, normalized, groups));
        NotePlace();
        if (groups.Count == 0)
            return false;

        (var merged, Sizes) = MergeRule.Apply(rotation, Sizes, groups);
        _update.Dispose();
        _update = RotationUpdates.From(_settings.Update, RotationUpdates.At(merged), _threads, VectorPaths.Best);
        _sinceMerge = 0;
        return true;
    }

    /// <summary>Trains until nothing merges any more, the wanted number of subspaces is reached or the steps are used up.</summary>
    /// <param name="progress">Told every step.</param>
    /// <param name="cancellation">Checked between tiles of keys.</param>
    public void Run(IProgress<PartitionProgress>? progress = null, CancellationToken cancellation = default) => Run(progress, null, cancellation);

    /// <inheritdoc cref="Run(IProgress{PartitionProgress}?, CancellationToken)"/>
    /// <param name="progress">Told every step.</param>
    /// <param name="checkpoint">Called before every step, after the merges of the one before; may take <see cref="State"/>.</param>
    /// <param name="cancellation">Checked between tiles of keys.</param>
    public void Run(IProgress<PartitionProgress>? progress, Action? checkpoint, CancellationToken cancellation)
    {
        // A training that goes on may have been stopped between a step and its check.
        while (!(StepsDone > 0 && IsMergeDue && EndsHere(cancellation)) && StepsDone < _settings.MaxSteps)
        {
            checkpoint?.Invoke();
            cancellation.ThrowIfCancellationRequested();
            var done = Step(cancellation);
            progress?.Report(done);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _search.Dispose();
        _gradient.Dispose();
        _update.Dispose();
        _slope.Dispose();
    }

    private static Tensor Orthogonal(Tensor start)
    {
        const double Tolerance = 10 * 1.2e-7; // PyTorch's, times d
        return Rotation.OrthogonalityError(start) > Tolerance * start.shape[0] ? Rotation.Orthogonalize(start) : start;
    }

    /// <summary>Checks for merges, unless that was done at this step.</summary>
    private bool EndsHere(CancellationToken cancellation) =>
        _checks is [.., { } last] && last.Step == StepsDone ? last.Groups.Count == 0 : IsAtTarget || !TryMerge(cancellation);

    private void NotePlace() => _place = (_buffer.QueryBlock, _buffer.NextQuery);

    private int SegmentLength() => IsAtTarget || StepsDone >= _settings.MaxSteps - 100 ? Math.Max(1, _settings.MaxSteps - (StepsDone - _sinceMerge))
        : StepsDone - _sinceMerge == 0 ? Math.Max(1, _settings.MergeStart) : _settings.MergeInterval;
}
