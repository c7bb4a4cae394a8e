using SubspaceCircuits.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>
/// The transformer as one would write it first with TorchSharp: a module for each layer, three linear maps for queries, keys and values,
/// libtorch's automatic differentiation, TorchSharp's optimiser. The baseline of the training benchmark, and used for nothing else.
/// </summary>
internal sealed class NaiveTransformer : Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.Embedding _tokens, _positions;
    private readonly TorchSharp.Modules.ModuleList<NaiveBlock> _blocks;
    private readonly TorchSharp.Modules.LayerNorm _norm;
    private readonly TorchSharp.Modules.Linear _unembed;

    public NaiveTransformer(ModelConfig config)
        : base(nameof(NaiveTransformer))
    {
        _tokens = Embedding(config.DVocab, config.DModel);
        _positions = Embedding(config.NCtx, config.DModel);
        _blocks = ModuleList([.. Enumerable.Range(0, config.NLayers).Select(_ => new NaiveBlock(config))]);
        _norm = LayerNorm(config.DModel);
        _unembed = Linear(config.DModel, config.DVocab);
        RegisterComponents();
    }

    /// <summary>Logits. [batch, pos, vocab]</summary>
    public override Tensor forward(Tensor input)
    {
        var x = _tokens.call(input) + _positions.call(arange(input.shape[1], dtype: int64));
        foreach (var block in _blocks)
            x = block.call(x);
        return _unembed.call(_norm.call(x));
    }
}

/// <summary>One block of the baseline.</summary>
internal sealed class NaiveBlock : Module<Tensor, Tensor>
{
    private readonly int _heads;
    private readonly TorchSharp.Modules.LayerNorm _ln1;
    private readonly TorchSharp.Modules.LayerNorm? _ln2;
    private readonly TorchSharp.Modules.Linear _query, _key, _value, _out;
    private readonly TorchSharp.Modules.Linear? _in, _back;

    public NaiveBlock(ModelConfig config)
        : base(nameof(NaiveBlock))
    {
        _heads = config.NHeads;
        _ln1 = LayerNorm(config.DModel);
        int d = config.DModel, wide = config.NHeads * config.DHead;
        (_query, _key, _value, _out) = (Linear(d, wide), Linear(d, wide), Linear(d, wide), Linear(wide, d));
        if (config.DMlp is { } neurons)
            (_ln2, _in, _back) = (LayerNorm(d), Linear(d, neurons), Linear(neurons, d));
        RegisterComponents();
    }

    /// <summary>[batch, pos, d_model]</summary>
    public override Tensor forward(Tensor input)
    {
        var y = _ln1.call(input);
        long batch = y.shape[0], length = y.shape[1];
        Tensor Heads(Tensor x) => x.view(batch, length, _heads, -1).transpose(1, 2);                         // [batch, head, pos, d_head]
        Tensor q = Heads(_query.call(y)), k = Heads(_key.call(y)), v = Heads(_value.call(y));
        var scores = q.matmul(k.transpose(-2, -1)) / Math.Sqrt(q.shape[^1]);                                   // [batch, head, query, key]
        var mask = ones(length, length).tril().eq(0);
        var z = scores.masked_fill(mask, float.NegativeInfinity).softmax(-1).matmul(v);                        // [batch, head, pos, d_head]
        var x = input + _out.call(z.transpose(1, 2).contiguous().view(batch, length, -1));
        return _in is null ? x : x + _back!.call(functional.gelu(_in.call(_ln2!.call(x))));
    }
}
