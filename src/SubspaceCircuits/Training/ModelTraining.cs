using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Training;

/// <summary>
/// Trains a transformer on a task with AdamW, warm-up and decay, gradient clipping and dropout, on the CPU. Same seed, same bytes, whatever the
/// number of threads, and also after a stop (<see cref="Save"/>, <see cref="Restore"/>).
/// </summary>
/// <remarks>
/// Forward and backward pass are this project's own (<c>Training/Engine</c>): toy transformers are so small that most of libtorch's time goes to
/// starting operations. The gradient is tested against libtorch's in float64.
/// </remarks>
public sealed class ModelTraining
{
    private readonly ITask _task;
    private readonly TrainingSettings _settings;
    private readonly ParameterLayout _layout;
    private readonly BatchGradient _gradient;
    private readonly Adam _optimizer;
    private readonly TrainingSamples _samples;
    private readonly float[] _values;
    private long _tokens, _repeats;
    private double? _accuracy;

    /// <summary>Training from random weights.</summary>
    /// <param name="config">Sizes of the model; its vocabulary and context must hold the task.</param>
    /// <param name="task">Gives the samples.</param>
    /// <param name="settings">Settings.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <exception cref="ArgumentException">A setting is out of range, the task does not fit the model, or the MLPs have the exact GELU, which is not trained.</exception>
    public ModelTraining(ModelConfig config, ITask task, TrainingSettings settings, int threads = 1)
    {
        settings.Validate();
        Evaluation.RequireFits(config, task);
        if (!config.IsAttentionOnly && config.Activation is Activation.Gelu)
            throw new ArgumentException("Training knows the non-linearities gelu_new and relu, not the exact gelu.");
        (_task, _settings) = (task, settings);
        _samples = new TrainingSamples(task, settings);
        if (_samples.Validation.Max(sample => sample.Tokens.Length + sample.MaxOffset) is var longest && longest > config.NCtx)
            throw new ArgumentException($"The model has {config.NCtx} positions, but problems of lengths {settings.From}-{settings.To} need {longest}.");
        _layout = new ParameterLayout(config);
        (_gradient, _optimizer) = (new BatchGradient(_layout, threads), new Adam(_layout, settings.WeightDecay, settings.Beta1, settings.Beta2));
        using var generator = new Generator((ulong)settings.Seed);
        using var start = Initialization.Gpt2(config, generator, settings.InitialScale, settings.PositionScale);
        _values = PackedWeights.Pack(_layout, start);
    }

    /// <summary>Steps done.</summary>
    public int StepsDone { get; private set; }

    /// <summary>Share of the training samples so far that validation has too: above 0 only where the task has few sequences of a length.</summary>
    public double RepeatShare => StepsDone == 0 ? 0 : _repeats / ((double)StepsDone * _settings.BatchSize);

    /// <summary>Whether the steps are used up or the accuracy is reached.</summary>
    public bool IsDone => StepsDone >= _settings.Steps || (_accuracy >= _settings.TargetAccuracy && StepsDone % _settings.ValidateEvery == 0);

    /// <summary>One step.</summary>
    public TrainingProgress Step()
    {
        var (samples, offsets, repeats) = _samples.Batch(StepsDone);
        var mask = new DropoutMask(_settings.Dropout, (uint)Seeds.Of(_settings.Seed, Seeds.Dropout, StepsDone));
        var loss = _gradient.Run(_values, samples, offsets, mask);
        var norm = Adam.Norm(_gradient.Gradient);
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
            throw new InvalidOperationException($"The loss is no longer finite after {StepsDone} steps. Lower the learning rate.");
        var rate = _settings.RateAt(StepsDone);
        StepsDone++;
        _optimizer.Step(_values, _gradient.Gradient, (float)Math.Min(1, _settings.ClipNorm / (norm + 1e-6)), rate, StepsDone);
        _tokens += samples.Sum(sample => sample.Tokens.Length);
        _repeats += repeats;
        if (StepsDone % _settings.ValidateEvery == 0)
            _accuracy = Validate();
        return new TrainingProgress(StepsDone, _settings.Steps, loss, norm, rate, _tokens, _accuracy);
    }

    /// <summary>Trains until the accuracy is reached or the steps are used up.</summary>
    /// <param name="progress">Told every step; may be null.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <returns>Whole-sequence accuracy on samples that training has not seen.</returns>
    public double Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        while (!IsDone)
        {
            cancellation.ThrowIfCancellationRequested();
            var done = Step(); // not within the report, which nobody may be listening to
            progress?.Report(done);
        }

        return FinalAccuracy();
    }

    /// <summary>Accuracy of the weights as they are now, of the last validation where no step came after it.</summary>
    public double FinalAccuracy() => StepsDone % _settings.ValidateEvery == 0 && _accuracy is { } known ? known : Validate();

    /// <summary>A copy of the weights as they are now, owned by the caller.</summary>
    public Weights Snapshot() => PackedWeights.Unpack(_layout, _values);

    /// <summary>A copy of all that is needed to go on.</summary>
    public TrainingState Save() => new(StepsDone, _tokens, _repeats, _accuracy, [.. _values], [.. _optimizer.First], [.. _optimizer.Second]);

    /// <summary>Goes on from a state of a training of the same model, task and settings.</summary>
    /// <exception cref="ArgumentException">The state is of a model of other sizes.</exception>
    public void Restore(TrainingState state)
    {
        if (state.Values.Length != _values.Length || state.First.Length != _values.Length || state.Second.Length != _values.Length)
            throw new ArgumentException($"The state has {state.Values.Length} parameters and moments of {state.First.Length} and {state.Second.Length}, but the model has {_values.Length}.");
        state.Values.CopyTo(_values, 0);
        state.First.CopyTo(_optimizer.First, 0);
        state.Second.CopyTo(_optimizer.Second, 0);
        (StepsDone, _tokens, _repeats, _accuracy) = (state.Step, state.Tokens, state.Repeats, state.Accuracy);
    }

    private double Validate()
    {
        using var weights = Snapshot();
        var right = Evaluation.Batches(_samples.Validation, weights.Config.NCtx)
            .Sum(batch => Evaluation.CountRight(_task, batch, CPU, tokens => Transformer.Forward(weights, tokens)));
        return (double)right / _samples.Validation.Count;
    }
}
