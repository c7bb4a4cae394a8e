using SubspaceCircuits.Models;

namespace SubspaceCircuits.Circuits.Heads;

/// <summary>
/// What the stream holds before a layer where one thing of it is known and the rest is at its mean over tokens and positions: a token, a position, a token
/// that earlier heads moved from a fixed number of positions before. From weights: embeddings, what those heads write of them, and the first MLP.
/// Its tensors belong to the caller's dispose scope.
/// </summary>
internal sealed class HeadContents
{
    private readonly PartitionedModel _model;
    private readonly HeadLabelSettings _settings;
    private readonly Tensor _tokens, _positions, _meanToken, _meanPosition;
    private readonly Dictionary<int, List<(int Layer, int Head)>> _movers = [];

    public HeadContents(PartitionedModel model, HeadLabelSettings settings)
    {
        (_model, _settings) = (model, settings);
        var weights = model.Weights;
        _tokens = weights.WE.to(float64).index_select(0, tensor(settings.Tokens.Select(token => (long)token).ToArray(), device: weights.WE.device));
        var positions = Math.Min(weights.Config.NCtx, settings.Positions ?? weights.Config.NCtx);
        _positions = weights.WPos.to(float64).narrow(0, 0, positions);
        _meanToken = _tokens.mean([0], keepdim: true);
        _meanPosition = _positions.narrow(0, 1, positions - 1).mean([0], keepdim: true);
    }

    /// <summary>Offsets back from which earlier heads move tokens, 0 for the token itself first.</summary>
    public IEnumerable<int> Offsets => [0, .. _movers.Keys.Order()];

    /// <summary>Notes that a head looks a number of positions back, so that layers above hold the token there.</summary>
    public void Moves(int layer, int head, int offset)
    {
        if (!_movers.TryGetValue(offset, out var movers))
            _movers[offset] = movers = [];
        movers.Add((layer, head));
    }

    /// <summary>All positions, position 0 first, where BOS stands: in a causal model it sees itself alone, so that its stream is known exactly.</summary>
    /// <returns>[pos, d_model]</returns>
    public Tensor Positions(int layer)
    {
        var rows = AfterFirstMlp(_positions + _meanToken, layer);
        if (_settings.Bos is not { } bos)
            return rows;
        var first = _model.Weights.Config.IsCausal
            ? Transformer.Forward(_model.Weights, tensor(new long[] { bos }, [1, 1], device: _tokens.device), stopAtLayer: layer)[0].to(float64)
            : AfterFirstMlp(_positions.narrow(0, 0, 1) + _model.Weights.WE[bos].to(float64), layer);
        return cat([first, rows.narrow(0, 1, rows.shape[0] - 1)], dim: 0);
    }

    /// <summary>Tokens that stand a number of positions before, as earlier heads have moved them; at offset 0 the tokens themselves. Null where no head of an earlier layer has.</summary>
    /// <returns>[token, d_model]</returns>
    public Tensor? Tokens(int layer, int offset)
    {
        if (_settings.Means?.Invoke(_model.AroundAttention(layer).Read.Site!.Value, offset) is { } measured)
            return measured.to(float64);
        if (offset == 0)
            return AfterFirstMlp(_tokens + _meanPosition, layer);
        (int Layer, int Head)[] movers = [.. _movers.GetValueOrDefault(offset, []).Where(mover => mover.Layer < layer)];
        if (movers.Length == 0)
            return null;
        Tensor Written(IEnumerable<(int Layer, int Head)> heads) => heads.Aggregate(zeros_like(_tokens), (sum, mover) => sum + Write(mover.Layer, mover.Head));
        return AfterFirstMlp(_meanToken + _meanPosition + Written(movers.Where(mover => mover.Layer == 0)), layer) + Written(movers.Where(mover => mover.Layer > 0));
    }

    /// <summary>
    /// What a layer's attention sees of rows of the stream, shifts included. The scale of its LayerNorm is that of the site, or the row's own where this is less: what is
    /// known of BOS can be far larger than other activations.
    /// </summary>
    /// <returns>[row, d_model]</returns>
    public static Tensor Seen(Tensor rows, ReadMap map, LayerNormWeights? norm, double epsilon)
    {
        if (norm is null)
            return rows;
        var shift = norm.B.to(float64);
        var (typical, own) = (rows.matmul(map.Matrix), nn.functional.layer_norm(rows, [rows.shape[1]], norm.W.to(float64), null, epsilon));
        return typical.where(typical.norm(1).le(own.norm(1)).unsqueeze(1), own) + shift;
    }

    private Tensor Write(int layer, int head)
    {
        var block = _model.Weights.Blocks[layer];
        using var map = new ReadMap(block.Ln1, _model.Weights.Config.Epsilon, _model.AroundAttention(layer).Read);
        var values = Seen(Tokens(layer, 0)!, map, block.Ln1, _model.Weights.Config.Epsilon).matmul(block.Attention.WV[head].to(float64)) + block.Attention.BV[head].to(float64);
        return values.matmul(block.Attention.WO[head].to(float64));
    }

    private Tensor AfterFirstMlp(Tensor rows, int layer)
    {
        var (config, block) = (_model.Weights.Config, _model.Weights.Blocks[0]);
        if (layer == 0 || !_settings.IsThroughFirstMlp || block.Mlp is not { } mlp)
            return rows;
        var type = _model.Weights.WE.dtype;
        var read = Transformer.Normalize(rows.to(type), block.Ln2, config.Epsilon, new Hooks(), HookPoint.Ln2Scale(0));
        return rows + Transformer.Mlp(config, mlp, read, 0, new Hooks()).to(float64);
    }
}
