namespace SubspaceCircuits.Subspaces.Published;

/// <summary>
/// Neighbor Distance Minimization with libtorch, operation by operation as the published code has it: keys rotated at every step, automatic
/// differentiation through the matrix exponential, PyTorch's Adam. The baseline of benchmarks and an oracle of tests, not for use. Owns its tensors
/// and disposes them; the buffer stays the caller's.
/// </summary>
internal sealed class EagerPartitionTraining : IDisposable
{
    private readonly ActivationBuffer _buffer;
    private readonly PartitionSettings _settings;
    private Tensor _base;
    private TorchSharp.Modules.Parameter _x;
    private optim.Optimizer _optimizer;

    /// <summary>Training from a rotation.</summary>
    /// <param name="buffer">Gives queries and keys.</param>
    /// <param name="start">First rotation, whose type is computed in. [d_model, d_model]</param>
    /// <param name="settings">Settings.</param>
    public EagerPartitionTraining(ActivationBuffer buffer, Tensor start, PartitionSettings settings)
    {
        settings.Validate();
        (_buffer, _settings) = (buffer, settings);
        Sizes = settings.InitialSizes((int)start.shape[0]);
        (_base, _x, _optimizer) = Fresh(start);
    }

    /// <summary>Columns of each subspace at present.</summary>
    public IReadOnlyList<int> Sizes { get; private set; }

    /// <summary>Steps done.</summary>
    public int StepsDone { get; private set; }

    /// <summary>Whether a check for merges is due after the last step.</summary>
    public bool IsMergeDue => _settings.IsMergeDue(StepsDone);

    /// <summary>The rotation at present, detached. [d_model, d_model], owned by the caller's scope.</summary>
    public Tensor CurrentRotation()
    {
        using var noGrad = no_grad();
        return Matrix();
    }

    /// <summary>One step: search neighbours, take the gradient, move the rotation.</summary>
    public PartitionProgress Step()
    {
        using var scope = NewDisposeScope();
        var queries = _buffer.TakeQueries(_settings.BatchSize).to(_base.dtype);
        var rotation = Matrix();
        var (neighbours, _) = EagerNeighborSearch.Nearest(queries, _buffer.Keys(_settings.SearchBlocks), rotation.detach(), Sizes);
        var loss = EagerNeighborDistance.Loss(queries, neighbours, rotation, Sizes);

        _optimizer.zero_grad();
        loss.backward();
        var norm = nn.utils.clip_grad_norm_([_x], _settings.ClipNorm);
        _optimizer.step();
        StepsDone++;
        return new PartitionProgress(StepsDone, _settings.MaxSteps, loss.to(float64).item<double>(), norm, Sizes, new());
    }

    /// <summary>Merges what the rule says; the optimiser starts anew.</summary>
    /// <returns>The check; nothing merged when it has no groups.</returns>
    public MergeCheck TryMerge(CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var rotation = CurrentRotation();
        var information = EagerMutualInformation.AllPairs(_buffer, rotation, Sizes, _settings.InformationBatches, _settings.BatchSize, _settings.InformationBlocks, cancellation);
        var normalized = MutualInformation.Normalize(information, Sizes);
        var groups = MergeRule.Groups(Sizes, normalized, _settings.MergeThreshold, _settings.StopAt > 0 ? Sizes.Count - _settings.StopAt : int.MaxValue);
        var check = new MergeCheck(StepsDone, Sizes, normalized, groups);
        if (groups.Count == 0)
            return check;

        (var merged, Sizes) = MergeRule.Apply(rotation, Sizes, groups);
        Dispose();
        (_base, _x, _optimizer) = Fresh(merged);
        return check;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _base.Dispose();
        _x.Dispose();
        _optimizer.Dispose();
    }

    /// <summary>R = Base · exp(tril(X, −1) − tril(X, −1)ᵀ), as PyTorch's orthogonal parametrisation.</summary>
    private Tensor Matrix()
    {
        using var scope = NewDisposeScope();
        var lower = _x.tril(-1);
        return _base.matmul(matrix_exp(lower - lower.T)).MoveToOuterDisposeScope();
    }

    private (Tensor, TorchSharp.Modules.Parameter, optim.Optimizer) Fresh(Tensor start)
    {
        var x = new TorchSharp.Modules.Parameter(zeros_like(start));
        x.DetachFromDisposeScope();
        return (start.clone().DetachFromDisposeScope(), x, optim.Adam([x], _settings.LearningRate));
    }
}
