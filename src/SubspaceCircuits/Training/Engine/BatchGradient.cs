using SubspaceCircuits.Tasks;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>
/// Loss and gradient of a batch: the sequences are dealt to a fixed number of chunks, which threads work on, and the chunks' gradients are added up
/// in order, so that the result does not depend on the number of threads.
/// </summary>
/// <param name="layout">Where the parameters lie.</param>
/// <param name="threads">Threads at most.</param>
internal sealed class BatchGradient(ParameterLayout layout, int threads)
{
    private const int Chunks = 4;
    private readonly ChunkGradient[] _chunks = [.. Enumerable.Range(0, Chunks).Select(_ => new ChunkGradient(layout))];
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = threads };
    private readonly float[] _transposed = new float[layout.Length];

    /// <summary>Gradient of the last run, of all parameters.</summary>
    public float[] Gradient => _chunks[0].Gradient;

    /// <summary>Mean loss over all predictions that count, and its gradient.</summary>
    /// <param name="values">Parameters.</param>
    /// <param name="samples">The batch.</param>
    /// <param name="offsets">Position of the first token of each sample.</param>
    /// <param name="dropout">Mask of this step.</param>
    /// <returns>Nats per prediction.</returns>
    public double Run(float[] values, IReadOnlyList<TaskSample> samples, IReadOnlyList<int> offsets, DropoutMask dropout)
    {
        for (var i = 0; i < samples.Count; i++)
        {
            // Beyond the position embedding lie other parameters.
            if (samples[i].Tokens.Length + offsets[i] > layout.Config.NCtx)
                throw new ArgumentException($"The model has {layout.Config.NCtx} positions, but a sequence needs {samples[i].Tokens.Length + offsets[i]}. Train on shorter problems.");
        }

        var predictions = samples.Sum(sample => sample.LossTargets.Count(target => target != TaskSample.Unsupervised));
        var scale = 1.0 / Math.Max(1, predictions);
        TransposeAll(values);
        var dealt = Deal(samples);
        var losses = new double[Chunks];
        void RunChunk(int chunk) => losses[chunk] = _chunks[chunk].Run(values, _transposed, [.. dealt[chunk].Select(i => samples[i])], [.. dealt[chunk].Select(i => offsets[i])], scale, dropout.At((uint)chunk));
        if (threads == 1)
        {
            for (var chunk = 0; chunk < Chunks; chunk++)
                RunChunk(chunk);
        }
        else
        {
            Parallel.For(0, Chunks, _parallel, RunChunk);
        }

        for (var chunk = 1; chunk < Chunks; chunk++)
            Add(ref At(_chunks[chunk].Gradient), ref At(Gradient), layout.Length);
        return losses.Sum();
    }

    /// <summary>Deals the samples out, longest first, each to the chunk with the least so far.</summary>
    private static List<int>[] Deal(IReadOnlyList<TaskSample> samples)
    {
        List<int>[] dealt = [.. Enumerable.Range(0, Chunks).Select(_ => new List<int>())];
        var load = new int[Chunks];
        foreach (var i in Enumerable.Range(0, samples.Count).OrderByDescending(i => samples[i].Tokens.Length))
        {
            var least = Array.IndexOf(load, load.Min());
            load[least] += samples[i].Tokens.Length;
            dealt[least].Add(i);
        }

        return dealt;
    }

    private void TransposeAll(float[] values)
    {
        foreach (var block in layout.Blocks)
        {
            foreach (var slice in (Slice[])[block.WQ, block.WKV, block.WO, block.WIn, block.WOut])
                Transpose(values, slice);
        }

        Transpose(values, layout.Unembed);
    }

    private void Transpose(float[] values, Slice slice)
    {
        for (var row = 0; row < slice.Rows; row++)
        {
            for (var column = 0; column < slice.Stride; column++)
                _transposed[slice.Start + column * slice.Rows + row] = values[slice.Start + row * slice.Stride + column];
        }
    }
}
