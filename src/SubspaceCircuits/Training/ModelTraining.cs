using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using Parameter = TorchSharp.Modules.Parameter;

namespace SubspaceCircuits.Training;

/// <summary>
/// Trains a transformer to predict the supervised positions of a task, with AdamW, warm-up and cosine decay. Owns the weights it
/// trains and its optimiser, and disposes them.
/// </summary>
public sealed class ModelTraining : IDisposable
{
    private readonly ITask _task;
    private readonly TrainingSettings _settings;
    private readonly Weights _trained;
    private readonly Parameter[] _parameters;
    private readonly optim.Optimizer _optimizer;
    private readonly Random _random;
    private double? _accuracy;

    /// <summary>Training from random weights.</summary>
    /// <param name="config">Sizes of the model; its vocabulary and context must hold the task.</param>
    /// <param name="task">Gives the samples.</param>
    /// <param name="settings">Settings.</param>
    public ModelTraining(ModelConfig config, ITask task, TrainingSettings settings)
    {
        settings.Validate();
        Evaluation.RequireFits(config, task);
        (_task, _settings) = (task, settings);
        using var generator = new Generator((ulong)settings.Seed);
        _trained = Initialization.Gpt2(config, generator, settings.InitialScale, settings.PositionScale);
        _parameters = [.. _trained.Named().Select(pair => (Parameter)pair.Tensor)];
        _optimizer = optim.AdamW(_parameters, settings.LearningRate, weight_decay: settings.WeightDecay);
        _random = new Random(settings.Seed);
    }

    /// <summary>Steps done.</summary>
    public int StepsDone { get; private set; }

    /// <summary>One step on fresh samples.</summary>
    public TrainingProgress Step()
    {
        using var scope = NewDisposeScope();
        using var batch = new TaskBatch(TaskBatch.Draw(_task, _settings.From, _settings.To, _settings.BatchSize, _random), _task.Vocabulary.Pad);
        SetLearningRate();
        var logits = Transformer.Forward(_trained, batch.Tokens);          // [batch, pos, vocab]
        var loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch.Targets.flatten(), ignore_index: TaskSample.Unsupervised);
        _optimizer.zero_grad();
        loss.backward();
        nn.utils.clip_grad_norm_(_parameters, _settings.ClipNorm);
        _optimizer.step();
        StepsDone++;
        return new TrainingProgress(StepsDone, _settings.Steps, loss.item<float>(), _accuracy);
    }

    /// <summary>Trains until the accuracy is reached or the steps are used up.</summary>
    /// <returns>Whole-sequence accuracy on fresh samples.</returns>
    public double Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        while (StepsDone < _settings.Steps)
        {
            cancellation.ThrowIfCancellationRequested();
            var done = Step();
            progress?.Report(done);
            if (StepsDone % _settings.ValidateEvery == 0 && Validate(cancellation) >= _settings.TargetAccuracy)
                break;
        }

        return _accuracy ?? Validate(cancellation);
    }

    /// <summary>A copy of the weights as they are now, owned by the caller.</summary>
    public Weights Snapshot() => _trained.To(float32);

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _trained.Dispose();
    }

    /// <summary>Accuracy on samples of another seed than the training's.</summary>
    private double Validate(CancellationToken cancellation)
    {
        _accuracy = Evaluation.WholeSequence(_trained, _task, _settings.From, _settings.To, _settings.ValidationSamples, ~_settings.Seed, cancellation).Accuracy;
        return _accuracy.Value;
    }

    private void SetLearningRate()
    {
        var warm = Math.Min(1, (StepsDone + 1) / (double)Math.Max(1, _settings.WarmUp));
        var decay = 0.5 * (1 + Math.Cos(Math.PI * StepsDone / _settings.Steps));
        foreach (var group in _optimizer.ParamGroups)
            group.LearningRate = _settings.LearningRate * warm * Math.Max(0.05, decay);
    }
}
