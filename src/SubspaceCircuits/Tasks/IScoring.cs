namespace SubspaceCircuits.Tasks;

/// <summary>When a model's prediction is right, and how far two models' predictions are apart.</summary>
public interface IScoring
{
    /// <summary>Where the prediction is right.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="logits">[batch, pos, vocab]</param>
    /// <returns>Booleans; true where nothing is scored. [batch, pos]</returns>
    Tensor IsRight(TaskBatch batch, Tensor logits);

    /// <summary>Where two models predict the same.</summary>
    /// <param name="logits">[batch, pos, vocab]</param>
    /// <param name="other">[batch, pos, vocab]</param>
    /// <returns>Booleans, of no meaning where nothing is scored. [batch, pos]</returns>
    Tensor IsSame(Tensor logits, Tensor other);

    /// <summary>Kullback-Leibler divergence of a model's predictions from those of the whole model, nats.</summary>
    /// <param name="whole">Logits of the whole model. [batch, pos, vocab]</param>
    /// <param name="logits">[batch, pos, vocab]</param>
    /// <returns>Zero or more. [batch, pos]</returns>
    Tensor Divergence(Tensor whole, Tensor logits);

    /// <summary>What a model predicts, in the form that <see cref="LogLikelihood"/> takes.</summary>
    /// <param name="logits">[batch, pos, vocab]</param>
    /// <returns>[batch, pos, ...]</returns>
    Tensor Predict(Tensor logits);

    /// <summary>A draw from what a model predicts.</summary>
    /// <param name="logits">[batch, pos, vocab]</param>
    /// <param name="generator">Source of randomness.</param>
    /// <returns>[batch, pos, ...]</returns>
    Tensor Sample(Tensor logits, Generator generator);

    /// <summary>Logarithm of the probability, or density, that a model gives to such an outcome, differentiable in the logits.</summary>
    /// <param name="logits">[batch, pos, vocab]</param>
    /// <param name="outcome">From <see cref="Predict"/> or <see cref="Sample"/>. [batch, pos, ...]</param>
    /// <returns>Nats. [batch, pos]</returns>
    Tensor LogLikelihood(Tensor logits, Tensor outcome);
}
