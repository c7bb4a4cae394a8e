using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>
/// One block forward and backward over the rows of a chunk. The last block writes only the rows whose prediction counts, so that queries, MLP
/// and unembedding of all others are never computed.
/// </summary>
/// <param name="layout">Where the parameters lie.</param>
/// <param name="layer">Which block.</param>
internal sealed class BlockPass(ParameterLayout layout, int layer)
{
    private readonly BlockLayout _at = layout.Blocks[layer];
    private readonly LayerNormPass _ln1 = new(layout.Config), _ln2 = new(layout.Config);
    private readonly AttentionPass _attention = new(layout);
    private readonly int _d = layout.DModel;
    private float[] _read = [], _queryRead = [], _q = [], _kv = [], _z = [], _written = [], _mid = [], _midRead = [], _pre = [], _post = [], _out = [];
    private float[] _dOut = [], _dPost = [], _dMidRead = [], _dMid = [], _dZ = [], _dQ = [], _dKv = [], _dRead = [], _dQueryRead = [], _dX = [];

    private bool HasMlp => layout.Config.DMlp is not null;

    /// <summary>Runs the block.</summary>
    /// <param name="p">Parameters.</param>
    /// <param name="x">Residual stream before the block. [row, d_model]</param>
    /// <param name="rows">Which rows are read and written.</param>
    /// <param name="dropout">Mask of this block.</param>
    /// <returns>Residual stream after the block, valid until the next call. [written row, d_model]</returns>
    public float[] Forward(Parameters p, float[] x, ChunkRows rows, DropoutMask dropout)
    {
        _read = _ln1.Forward(x, rows.Count, p.Values, _at.Ln1W, _at.Ln1B);
        p.Map(_read, rows.Count, _at.WKV, _at.BKV, ref _kv);
        p.Map(rows.Gather(_read, _d, ref _queryRead), rows.Written, _at.WQ, _at.BQ, ref _q);
        _attention.Forward(rows.Sequences, _q, _kv, Ensure(ref _z, rows.Written * layout.Heads), dropout.At(1));
        p.Map(_z, rows.Written, _at.WO, _at.BO, ref _written);
        var length = rows.Written * _d;
        dropout.At(2).Apply(ref At(_written), length);
        rows.Gather(x, _d, ref _mid, isCopy: true);
        Add(ref At(_written), ref At(_mid), length);
        if (!HasMlp)
            return _mid;

        _midRead = _ln2.Forward(_mid, rows.Written, p.Values, _at.Ln2W, _at.Ln2B);
        p.Map(_midRead, rows.Written, _at.WIn, _at.BIn, ref _pre);
        ActivationPass.Forward(layout.Config.Activation, _pre, Ensure(ref _post, rows.Written * layout.DMlp), rows.Written * layout.DMlp);
        p.Map(_post, rows.Written, _at.WOut, _at.BOut, ref _out);
        dropout.At(3).Apply(ref At(_out), length);
        Add(ref At(_mid), ref At(_out), length);
        return _out;
    }

    /// <summary>Gradient of the stream before the block from that after it; gradients of the parameters are added to theirs.</summary>
    /// <param name="p">Parameters.</param>
    /// <param name="dAfter">[written row, d_model]; is changed.</param>
    /// <param name="rows">As in the forward pass.</param>
    /// <param name="dropout">As in the forward pass.</param>
    /// <returns>Valid until the next call. [row, d_model]</returns>
    public float[] Backward(Parameters p, float[] dAfter, ChunkRows rows, DropoutMask dropout)
    {
        var length = rows.Written * _d;
        if (HasMlp)
            MlpBackward(p, dAfter, rows.Written, dropout.At(3));

        dAfter.AsSpan(0, length).CopyTo(Ensure(ref _dMid, length));
        dropout.At(2).Apply(ref At(_dMid), length);
        p.MapGradient(_z, _dMid, rows.Written, _at.WO, _at.BO);
        p.MapBackward(_dMid, rows.Written, _at.WO, Parameters.Zeros(ref _dZ, rows.Written * layout.Heads));
        Parameters.Zeros(ref _dQ, rows.Written * layout.Heads);
        Parameters.Zeros(ref _dKv, rows.Count * 2 * layout.Heads);
        _attention.Backward(rows.Sequences, _q, _kv, _dZ, _dQ, _dKv, dropout.At(1));

        p.MapGradient(rows.IsAll ? _read : _queryRead, _dQ, rows.Written, _at.WQ, _at.BQ);
        p.MapGradient(_read, _dKv, rows.Count, _at.WKV, _at.BKV);
        p.MapBackward(_dKv, rows.Count, _at.WKV, Parameters.Zeros(ref _dRead, rows.Count * _d));
        if (rows.IsAll)
        {
            p.MapBackward(_dQ, rows.Count, _at.WQ, _dRead);
        }
        else
        {
            p.MapBackward(_dQ, rows.Written, _at.WQ, Parameters.Zeros(ref _dQueryRead, length));
            rows.ScatterAdd(_dQueryRead, _d, _dRead);
        }

        _ln1.Backward(_dRead, rows.Count, p.Values, _at.Ln1W, _at.Ln1B, p.Gradient, Parameters.Zeros(ref _dX, rows.Count * _d));
        rows.ScatterAdd(dAfter, _d, _dX);
        return _dX;
    }

    private void MlpBackward(Parameters p, float[] dAfter, int rows, DropoutMask dropout)
    {
        var length = rows * _d;
        dAfter.AsSpan(0, length).CopyTo(Ensure(ref _dOut, length));
        dropout.Apply(ref At(_dOut), length);
        p.MapGradient(_post, _dOut, rows, _at.WOut, _at.BOut);
        p.MapBackward(_dOut, rows, _at.WOut, Parameters.Zeros(ref _dPost, rows * layout.DMlp));
        ActivationPass.Backward(layout.Config.Activation, _pre, _dPost, rows * layout.DMlp);
        p.MapGradient(_midRead, _dPost, rows, _at.WIn, _at.BIn);
        p.MapBackward(_dPost, rows, _at.WIn, Parameters.Zeros(ref _dMidRead, length));
        _ln2.Backward(_dMidRead, rows, p.Values, _at.Ln2W, _at.Ln2B, p.Gradient, dAfter);
    }
}
