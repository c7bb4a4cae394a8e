namespace SubspaceCircuits.Tasks;

/// <summary>The token with the greatest logit must be the one that comes next.</summary>
public sealed class NextTokenScoring : IScoring
{
    private NextTokenScoring()
    {
    }

    /// <summary>The one object of this kind.</summary>
    public static NextTokenScoring Instance { get; } = new();

    /// <inheritdoc/>
    public Tensor IsRight(TaskBatch batch, Tensor logits)
    {
        using var scope = NewDisposeScope();
        return logits.argmax(-1).eq(batch.Targets).logical_or(batch.Targets.eq(TaskSample.Unsupervised)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor IsSame(Tensor logits, Tensor other)
    {
        using var scope = NewDisposeScope();
        return logits.argmax(-1).eq(other.argmax(-1)).MoveToOuterDisposeScope();
    }

    /// <summary><c>Σ_t p_t (ln p_t − ln q_t)</c> of the two softmax distributions.</summary>
    /// <inheritdoc/>
    public Tensor Divergence(Tensor whole, Tensor logits)
    {
        using var scope = NewDisposeScope();
        Tensor full = whole.log_softmax(-1), found = logits.log_softmax(-1);
        return (full.exp() * (full - found)).sum(dim: -1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Predict(Tensor logits) => logits.argmax(-1);

    /// <inheritdoc/>
    public Tensor Sample(Tensor logits, Generator generator)
    {
        using var scope = NewDisposeScope();
        return logits.softmax(-1).flatten(0, 1).multinomial(1, replacement: true, generator: generator).reshape(logits.shape[0], logits.shape[1]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor LogLikelihood(Tensor logits, Tensor outcome)
    {
        using var scope = NewDisposeScope();
        return logits.log_softmax(-1).gather(-1, outcome.unsqueeze(-1)).squeeze(-1).MoveToOuterDisposeScope();
    }
}
