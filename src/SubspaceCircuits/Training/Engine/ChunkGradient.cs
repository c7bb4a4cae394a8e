using SubspaceCircuits.Tasks;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>Loss and gradient over some sequences of a batch, on one thread. Keeps its buffers from step to step.</summary>
/// <param name="layout">Where the parameters lie.</param>
internal sealed class ChunkGradient(ParameterLayout layout)
{
    private readonly BlockPass[] _blocks = [.. Enumerable.Range(0, layout.Config.NLayers).Select(layer => new BlockPass(layout, layer))];
    private readonly LayerNormPass _final = new(layout.Config);
    private readonly int _d = layout.DModel;
    private float[] _x = [], _logits = [], _dRead = [], _dLast = [];

    /// <summary>Gradient of the last run.</summary>
    public float[] Gradient { get; } = new float[layout.Length];

    /// <summary>Runs forward and backward.</summary>
    /// <param name="values">Parameters.</param>
    /// <param name="transposed">Their transposes.</param>
    /// <param name="samples">The sequences.</param>
    /// <param name="offsets">Position of the first token of each.</param>
    /// <param name="scale">Factor on the loss of every prediction: one over their number in the whole batch.</param>
    /// <param name="dropout">Mask of the chunk.</param>
    /// <returns>The chunk's part of the mean loss, nats.</returns>
    public double Run(float[] values, float[] transposed, IReadOnlyList<TaskSample> samples, IReadOnlyList<int> offsets, double scale, DropoutMask dropout)
    {
        Array.Clear(Gradient);
        var p = new Parameters(values, transposed, Gradient);
        ChunkRows all = ChunkRows.All(samples), predicting = ChunkRows.Predicting(samples);
        if (predicting.Written == 0)
            return 0;

        var x = Embed(values, samples, offsets, all.Count, dropout.At(0));
        for (var layer = 0; layer < _blocks.Length; layer++)
            x = _blocks[layer].Forward(p, x, RowsOf(layer), dropout.At((uint)layer + 1));
        var read = _final.Forward(x, predicting.Written, values, layout.LnFinalW, layout.LnFinalB);
        p.Map(read, predicting.Written, layout.Unembed, layout.UnembedBias, ref _logits);
        var loss = LossGradient.OfLogits(_logits, layout.DVocab, layout.Config.DVocab, samples, scale);

        p.MapGradient(read, _logits, predicting.Written, layout.Unembed, layout.UnembedBias);
        p.MapBackward(_logits, predicting.Written, layout.Unembed, Parameters.Zeros(ref _dRead, predicting.Written * _d));
        _final.Backward(_dRead, predicting.Written, values, layout.LnFinalW, layout.LnFinalB, Gradient, Parameters.Zeros(ref _dLast, predicting.Written * _d));
        var dX = _dLast;
        for (var layer = _blocks.Length - 1; layer >= 0; layer--)
            dX = _blocks[layer].Backward(p, dX, RowsOf(layer), dropout.At((uint)layer + 1));
        EmbedBackward(dX, samples, offsets, all.Count, dropout.At(0));
        return loss;

        ChunkRows RowsOf(int layer) => layer == _blocks.Length - 1 ? predicting : all;
    }

    private float[] Embed(float[] values, IReadOnlyList<TaskSample> samples, IReadOnlyList<int> offsets, int rows, DropoutMask dropout)
    {
        Ensure(ref _x, rows * _d);
        ForEachToken(samples, offsets, (row, token, position) =>
        {
            values.AsSpan(layout.Embed.Start + token * _d, _d).CopyTo(_x.AsSpan(row * _d));
            Add(ref At(values, layout.Positions.Start + position * _d), ref At(_x, row * _d), _d);
        });
        dropout.Apply(ref At(_x), rows * _d);
        return _x;
    }

    private void EmbedBackward(float[] dX, IReadOnlyList<TaskSample> samples, IReadOnlyList<int> offsets, int rows, DropoutMask dropout)
    {
        dropout.Apply(ref At(dX), rows * _d);
        ForEachToken(samples, offsets, (row, token, position) =>
        {
            Add(ref At(dX, row * _d), ref At(Gradient, layout.Embed.Start + token * _d), _d);
            Add(ref At(dX, row * _d), ref At(Gradient, layout.Positions.Start + position * _d), _d);
        });
    }

    private static void ForEachToken(IReadOnlyList<TaskSample> samples, IReadOnlyList<int> offsets, Action<int, int, int> visit)
    {
        var row = 0;
        for (var s = 0; s < samples.Count; s++)
        {
            var length = ChunkRows.Length(samples[s]);
            for (var position = 0; position < length; position++)
                visit(row++, samples[s].Tokens[position], position + offsets[s]);
        }
    }
}
