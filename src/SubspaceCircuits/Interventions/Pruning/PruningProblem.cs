using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Pruning;

/// <summary>
/// A gated model to be pruned: the samples on which choices are made, and gradient descent on what is learnable of its ablation. Owns its samples and disposes them; model and
/// weights are borrowed.
/// </summary>
public sealed class PruningProblem : IDisposable
{
    private readonly Weights _weights;
    private readonly ITask _task;
    private readonly PruningSamples _samples;
    private readonly int[] _lengths;
    private readonly GatedSamples _held;

    /// <summary>Draws the held samples and runs the whole model on them.</summary>
    /// <param name="model">What is pruned.</param>
    /// <param name="weights">The whole model.</param>
    /// <param name="task">Gives samples and scoring.</param>
    /// <param name="samples">How many, how long.</param>
    /// <param name="connected">Takes away kept edges that are on no way from input to output; null takes none away.</param>
    /// <param name="groups">Edges that are removed together before single ones are tried, such as all that leave a component; may be null.</param>
    /// <param name="shortcuts">From a choice to others with fewer edges that need some which it has not, to be tried at the end; may be null.</param>
    public PruningProblem(IGatedModel model, Weights weights, ITask task, PruningSamples samples, Func<IReadOnlyList<bool>, bool[]>? connected = null,
        IReadOnlyList<int[]>? groups = null, Func<IReadOnlyList<bool>, IEnumerable<bool[]>>? shortcuts = null)
    {
        samples.Validate();
        (Model, _weights, _task, _samples) = (model, weights, task, samples);
        (Connected, Groups, Shortcuts) = (connected ?? (kept => [.. kept]), groups ?? [], shortcuts ?? (_ => []));
        var drawn = TaskBatch.DrawEvenly(task, samples.From, samples.To, samples.Held, new Random(samples.Seed));
        var (from, to) = (Math.Max(samples.From, task.Lengths.Min), Math.Min(samples.To, task.Lengths.Max));
        _lengths = [.. Enumerable.Range(from, to - from + 1).Where(task.HasLength)];
        _held = new GatedSamples(weights, task, drawn);
    }

    /// <summary>What is pruned.</summary>
    public IGatedModel Model { get; }

    internal IReadOnlyList<Learnable> Learnables => Model.Learnables;

    internal Func<IReadOnlyList<bool>, bool[]> Connected { get; }

    internal IReadOnlyList<int[]> Groups { get; }

    internal Func<IReadOnlyList<bool>, IEnumerable<bool[]>> Shortcuts { get; }

    internal int Seed => _samples.Seed;

    internal ScalarType Type => _weights.WE.dtype;

    internal Device Device => _weights.WE.device;

    /// <summary>How a choice of edges does on the held samples.</summary>
    public Faithfulness Measure(IReadOnlyList<bool> kept, CancellationToken cancellation = default) => Measure("held", kept, _held, cancellation);

    /// <summary>How it does on other samples.</summary>
    public Faithfulness Measure(string name, IReadOnlyList<bool> kept, GatedSamples samples, CancellationToken cancellation = default)
    {
        using var gates = Gates(kept);
        return Faithfulness.Of(name, Model, gates, samples, cancellation);
    }

    /// <summary>Whether match accuracy on the held samples reaches the goal; stops where it no longer can.</summary>
    public bool Reaches(IReadOnlyList<bool> kept, double goal, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var gates = Gates(kept);
        var count = _held.Count;
        var mayMiss = count - (long)Math.Ceiling((goal * count) - 1e-9);
        // Longest first: what fails fails there.
        foreach (var batch in _held.Batches.Reverse())
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            mayMiss -= batch.Count - batch.Matches(Model.Forward(batch.Input(), gates)).Sequences;
            if (mayMiss < 0)
                return false;
        }

        return true;
    }

    /// <summary>For every kept edge the KL per scored position, on one batch of the held samples, with this edge removed too; infinite for the others.</summary>
    public double[] RemovalDivergences(IReadOnlyList<bool> kept, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        var batch = _held.Batches[_held.Batches.Count / 2];
        return [.. kept.Select((isKept, edge) =>
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            return isKept ? batch.Divergences(Model.Forward(batch.Input(), Gates([.. kept.Select((one, at) => one && at != edge)]))).to(float64).sum().item<double>() / batch.Scored.Sum()
                : double.PositiveInfinity;
        })];
    }

    /// <summary>Adam with linear decay on the learnable constants, KL(whole ‖ gated) per scored position, with the edges fixed.</summary>
    /// <param name="kept">The edges.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="first">Number of the first step: other numbers, other samples.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>Mean KL over the last half of the steps; 0 where there is nothing to do.</returns>
    public double Fit(IReadOnlyList<bool> kept, int steps, int first = 0, CancellationToken cancellation = default)
    {
        if (Learnables.Count == 0 || steps == 0)
            return 0;
        List<double> losses = [];
        using var gates = Gates(kept).DetachFromDisposeScope();
        using var optimizer = Optimizer();
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            foreach (var (group, one) in optimizer.ParamGroups.Zip(Learnables))
                group.LearningRate = one.Rate * (steps - step) / steps; // the last steps settle what the first have found
            var loss = Loss(first + step, _ => gates);
            loss.backward();
            optimizer.step();
            losses.Add(loss.to(float64).item<double>());
        }

        return losses.Skip(steps / 2).Average();
    }

    /// <summary>Adam over the learnable constants, and over what else is given. Owned by the caller.</summary>
    internal optim.Optimizer Optimizer(params IEnumerable<Learnable> more) =>
        optim.Adam([.. Learnables.Concat(more).Select(one => new TorchSharp.Modules.Adam.ParamGroup([one.Tensor], lr: one.Rate))]);

    /// <summary>
    /// KL(whole ‖ gated) per scored position on fresh samples of a step. They are of two lengths, as far from the shortest as from the longest, each in a run of its own: nothing is padded, and steps
    /// are about equally long.
    /// </summary>
    /// <param name="step">Other numbers, other samples.</param>
    /// <param name="gates">Gates for so many samples. [edge] or [batch, edge]</param>
    internal Tensor Loss(int step, Func<int, Tensor> gates)
    {
        using var scope = NewDisposeScope();
        var random = new Random(unchecked((_samples.Seed * 7919) + step + 1));
        var at = random.Next(_lengths.Length);
        var (sum, scored) = (zeros(1, dtype: Type, device: Device), 0.0);
        foreach (var length in (int[])[_lengths[at], _lengths[^(at + 1)]])
        {
            using var batch = new GatedBatch(_weights, _task, [.. Enumerable.Range(0, (_samples.Batch + 1) / 2).Select(_ => _task.Sample(length, random))]);
            sum = sum + batch.Divergences(Model.Forward(batch.Input(), gates(batch.Count))).sum();
            scored += batch.Scored.Sum();
        }

        return (sum.sum() / scored).MoveToOuterDisposeScope();
    }

    /// <summary>A copy of the learnable constants. Owned by the caller.</summary>
    internal Tensor[] Save() => [.. Learnables.Select(one => one.Tensor.detach().clone().DetachFromDisposeScope())];

    /// <summary>Sets the learnable constants, and disposes the copy.</summary>
    internal void Restore(Tensor[] saved)
    {
        using var noGrad = no_grad();
        foreach (var (one, value) in Learnables.Zip(saved))
        {
            one.Tensor.copy_(value);
            value.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    /// <summary>A choice of edges as gates. [edge], of the type of the weights</summary>
    private Tensor Gates(IReadOnlyList<bool> kept) => tensor(kept.Select(one => one ? 1.0 : 0).ToArray(), dtype: Type, device: Device);
}
