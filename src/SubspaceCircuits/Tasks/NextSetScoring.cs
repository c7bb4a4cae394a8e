namespace SubspaceCircuits.Tasks;

/// <summary>
/// Every token is predicted for itself: its logit must be positive exactly if it may come next (the multi-label rule of
/// decompiling-transformers' tasks with the prefix <c>bce_</c>). One wrong entry of the vocabulary makes the position wrong.
/// </summary>
public sealed class NextSetScoring : IScoring
{
    private NextSetScoring()
    {
    }

    /// <summary>The one object of this kind.</summary>
    public static NextSetScoring Instance { get; } = new();

    /// <inheritdoc/>
    public Tensor IsRight(TaskBatch batch, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var sets = batch.NextSets ?? throw new ArgumentException("A task scored by sets needs samples that have them.");
        using var allowed = sets.narrow(2, 0, Math.Min(sets.shape[2], logits.shape[2]));
        // A model may know more tokens than the task: they may never come next.
        var isRight = logits.narrow(2, 0, allowed.shape[2]).gt(0).eq(allowed).all(dim: -1);
        if (logits.shape[2] > allowed.shape[2])
            isRight = isRight.logical_and(logits.narrow(2, allowed.shape[2], logits.shape[2] - allowed.shape[2]).gt(0).any(dim: -1).logical_not());
        return isRight.logical_or(batch.Targets.eq(TaskSample.Unsupervised)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor IsSame(Tensor logits, Tensor other)
    {
        using var scope = NewDisposeScope();
        return logits.gt(0).eq(other.gt(0)).all(dim: -1).MoveToOuterDisposeScope();
    }

    /// <summary><c>Σ_t p_t (ln p_t − ln q_t) + (1 − p_t)(ln(1 − p_t) − ln(1 − q_t))</c> of the independent sigmoids, summed over the vocabulary.</summary>
    /// <inheritdoc/>
    public Tensor Divergence(Tensor whole, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var p = whole.sigmoid();
        var yes = nn.functional.logsigmoid(whole) - nn.functional.logsigmoid(logits);
        var no = nn.functional.logsigmoid(-whole) - nn.functional.logsigmoid(-logits);
        return (p * yes + (1 - p) * no).sum(dim: -1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Predict(Tensor logits) => logits.gt(0);

    /// <inheritdoc/>
    public Tensor Sample(Tensor logits, Generator generator)
    {
        using var scope = NewDisposeScope();
        return rand(logits.shape, dtype: logits.dtype, device: logits.device, generator: generator).lt(logits.sigmoid()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor LogLikelihood(Tensor logits, Tensor outcome)
    {
        using var scope = NewDisposeScope();
        return nn.functional.logsigmoid(logits.where(outcome, -logits)).sum(dim: -1).MoveToOuterDisposeScope();
    }
}
