namespace SubspaceCircuits.Subspaces;

/// <summary>
/// Neighbor Distance Minimization: turns the rotation so that every activation lies close to its nearest neighbour within each
/// subspace, and merges subspaces that tell about each other. This is the published method in the Euclidean metric, written to be
/// read: faster engines are tested against it. Owns its rotation and optimiser and disposes them; the buffer stays the caller's.
/// </summary>
public sealed class PartitionTraining : IDisposable
{
    private readonly ActivationBuffer _buffer;
    private readonly PartitionSettings _settings;
    private Rotation _rotation;
    private optim.Optimizer _optimizer;
    private int _sinceMerge;

    /// <summary>Training that starts from a rotation, and with equal units of the settings' size.</summary>
    /// <param name="buffer">Gives queries and keys.</param>
    /// <param name="start">First rotation; the published method starts at the identity. [d_model, d_model]</param>
    /// <param name="settings">Settings.</param>
    public PartitionTraining(ActivationBuffer buffer, Tensor start, PartitionSettings settings)
    {
        settings.Validate();
        (_buffer, _settings) = (buffer, settings);
        Sizes = settings.InitialSizes((int)start.shape[0]);
        (_rotation, _optimizer) = Fresh(start);
    }

    /// <summary>Columns of each subspace at present.</summary>
    public IReadOnlyList<int> Sizes { get; private set; }

    /// <summary>Steps done.</summary>
    public int StepsDone { get; private set; }

    /// <summary>Every check for merges so far.</summary>
    public IReadOnlyList<MergeCheck> Checks => _checks;

    private readonly List<MergeCheck> _checks = [];

    /// <summary>The rotation at present, detached. [d_model, d_model], owned by the caller's scope.</summary>
    public Tensor CurrentRotation()
    {
        using var noGrad = no_grad();
        return _rotation.Matrix();
    }

    /// <summary>One step: search neighbours, take the gradient, move the rotation.</summary>
    public PartitionProgress Step()
    {
        using var scope = NewDisposeScope();
        var queries = _buffer.TakeQueries(_settings.BatchSize).to(_rotation.Base.dtype);
        var rotation = _rotation.Matrix();
        var (neighbours, _) = NeighborSearch.Nearest(queries, _buffer.Keys(_settings.SearchBlocks), rotation.detach(), Sizes);
        var loss = NeighborDistance.Loss(queries, neighbours, rotation, Sizes);

        _optimizer.zero_grad();
        loss.backward();
        var norm = nn.utils.clip_grad_norm_([_rotation.X], _settings.ClipNorm);
        if (_settings.IsAnnealed)
            SetLearningRate(_settings.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, _sinceMerge / (double)SegmentLength()))));
        _optimizer.step();
        StepsDone++;
        _sinceMerge++;
        if (_settings.RebaseEvery > 0 && StepsDone % _settings.RebaseEvery == 0)
            _rotation.Rebase();
        return new PartitionProgress(StepsDone, _settings.MaxSteps, loss.to(float64).item<double>(), norm, Sizes);
    }

    /// <summary>Whether a check for merges is due after the last step.</summary>
    public bool IsMergeDue => StepsDone >= _settings.MergeStart && (StepsDone - _settings.MergeStart) % _settings.MergeInterval == 0
        && StepsDone < _settings.MaxSteps - 100;

    /// <summary>Whether there are as few subspaces as were asked for.</summary>
    public bool IsAtTarget => _settings.StopAt > 0 && Sizes.Count <= _settings.StopAt;

    /// <summary>Merges what the rule says; the optimiser starts anew.</summary>
    /// <returns>False when no pair qualified, which ends the training.</returns>
    public bool TryMerge(CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var rotation = CurrentRotation();
        var information = MutualInformation.AllPairs(_buffer, rotation, Sizes, _settings.InformationBatches, _settings.BatchSize, _settings.InformationBlocks, cancellation);
        var normalized = MutualInformation.Normalize(information, Sizes);
        var mostMerges = _settings.StopAt > 0 ? Sizes.Count - _settings.StopAt : int.MaxValue;
        var groups = MergeRule.Groups(Sizes, normalized, _settings.MergeThreshold, mostMerges);
        _checks.Add(new MergeCheck(StepsDone, Sizes, normalized, groups));
        if (groups.Count == 0)
            return false;

        (var merged, Sizes) = MergeRule.Apply(rotation, Sizes, groups);
        _rotation.Dispose();
        _optimizer.Dispose();
        (_rotation, _optimizer) = Fresh(merged);
        _sinceMerge = 0;
        return true;
    }

    /// <summary>Trains until nothing merges any more, the wanted number of subspaces is reached or the steps are used up.</summary>
    public void Run(IProgress<PartitionProgress>? progress = null, CancellationToken cancellation = default)
    {
        while (StepsDone < _settings.MaxSteps)
        {
            cancellation.ThrowIfCancellationRequested();
            var done = Step();
            progress?.Report(done);
            if (IsMergeDue && (IsAtTarget || !TryMerge(cancellation)))
                return;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rotation.Dispose();
        _optimizer.Dispose();
    }

    private (Rotation, optim.Optimizer) Fresh(Tensor start)
    {
        var rotation = new Rotation(start);
        return (rotation, optim.Adam([rotation.X], _settings.LearningRate));
    }

    private int SegmentLength() => IsAtTarget || StepsDone >= _settings.MaxSteps - 100 ? Math.Max(1, _settings.MaxSteps - (StepsDone - _sinceMerge))
        : StepsDone - _sinceMerge == 0 ? Math.Max(1, _settings.MergeStart) : _settings.MergeInterval;

    private void SetLearningRate(double rate)
    {
        foreach (var group in _optimizer.ParamGroups)
            group.LearningRate = rate;
    }
}
