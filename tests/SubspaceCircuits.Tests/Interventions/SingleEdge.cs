using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Circuits;

namespace SubspaceCircuits.Tests.Interventions;

/// <summary>The logits of a model without one edge, by hooks in the ordinary forward pass: an independent way to the same number.</summary>
internal sealed class SingleEdge(RandomModel model, Ablation ablation, Tensor donors)
{
    private readonly Weights _weights = model.Weights;

    public Tensor Logits(CircuitEdge edge)
    {
        int Unit(string? id) => id![^1] - '0';
        var layer = edge.Via is { } via ? via[1] - '0' : -1;
        var attention = layer >= 0 ? _weights.Blocks[layer].Attention : null;
        var head = edge.Via is ['a', ..] ? edge.Via[^1] - '0' : -1;
        switch (edge.Kind)
        {
            case EdgeKind.Embed or EdgeKind.Pos:
                {
                    var (isEmbed, first) = (edge.Kind is EdgeKind.Embed, model.Partitions[0]);
                    var table = isEmbed ? _weights.WE : _weights.WPos;
                    var ids = isEmbed ? donors : arange(donors.shape[1]).expand_as(donors);
                    var put = ablation switch
                    {
                        Ablation.Mean => table.mean([0]),
                        Ablation.Zero => zeros(10, dtype: model.Weights.WE.dtype),
                        _ => table.index_select(0, ids.flatten()).reshape(donors.shape[0], -1, 10),
                    };
                    return Run(isEmbed ? HookPoint.Embed : HookPoint.PosEmbed, rows => rows - (rows - put).matmul(Projector(first, Unit(edge.To))));
                }

            case EdgeKind.Qk:
                {
                    var (read, norm) = (model.Model.AroundAttention(layer).Read, _weights.Blocks[layer].Ln1);
                    var (stream, other) = (Stream(model.Tokens, read), Stream(donors, read));
                    var origin = ablation is Ablation.Zero ? zeros(10, dtype: model.Weights.WE.dtype) : read.Mean;
                    Tensor Part(Tensor x, int unit) => Norm((x - origin).matmul(Projector(read, unit)), stream, norm);
                    var keys = Part(stream, Unit(edge.Key)).matmul(attention!.WK[head]);
                    var constant = Norm(origin.expand_as(stream), stream, norm) + (norm is null ? 0 : norm.B);
                    var queries = edge.Query == "const" ? constant.matmul(attention.WQ[head]) + attention.BQ[head] : Part(stream, Unit(edge.Query)).matmul(attention.WQ[head]);
                    var lost = queries.matmul(keys.transpose(-2, -1));
                    if (ablation is Ablation.Resample)
                    {
                        var otherQueries = edge.Query == "const" ? queries : Part(other, Unit(edge.Query)).matmul(attention.WQ[head]);
                        lost = lost - otherQueries.matmul(Part(other, Unit(edge.Key)).matmul(attention.WK[head]).transpose(-2, -1));
                    }

                    return Run(HookPoint.AttnScores(layer), scores =>
                    {
                        var changed = scores.clone();
                        changed.select(1, head).sub_(lost / Math.Sqrt(_weights.Config.DHead));
                        return changed;
                    });
                }

            case EdgeKind.Ov:
                {
                    var (read, write) = model.Model.AroundAttention(layer);
                    var lost = Norm(Lost(read, Unit(edge.From)), Stream(model.Tokens, read), _weights.Blocks[layer].Ln1).matmul(attention!.WV[head]).matmul(attention.WO[head]).matmul(Projector(write, Unit(edge.To)));
                    using var hooks = new Hooks(HookPoint.Pattern(layer));
                    Transformer.Forward(_weights, model.Tokens, hooks: hooks);
                    var pattern = hooks[HookPoint.Pattern(layer)].select(1, head).clone();
                    return Run(HookPoint.AttnOut(layer), written => written - pattern.matmul(lost));
                }

            case EdgeKind.Passthrough:
                {
                    var read = model.Partitions.Single(site => edge.From!.StartsWith($"{site.Site}/", StringComparison.Ordinal));
                    var write = model.Partitions.Single(site => edge.To!.StartsWith($"{site.Site}/", StringComparison.Ordinal));
                    var lost = Lost(read, Unit(edge.From)).matmul(Projector(write, Unit(edge.To)));
                    var target = write.Site!.Value;
                    return Run(target.Kind is SiteKind.Mid || _weights.Config.IsAttentionOnly ? HookPoint.AttnOut(target.Layer) : HookPoint.MlpOut(target.Layer), written => written - lost);
                }

            case EdgeKind.Mlp:
                {
                    var (read, write) = model.Model.AroundMlp(layer);
                    var block = _weights.Blocks[layer];
                    var stream = Stream(model.Tokens, read);
                    var input = Norm(stream - Lost(read, Unit(edge.From)), stream, block.Ln2) + (block.Ln2 is null ? 0 : block.Ln2.B);
                    var without = Transformer.Mlp(_weights.Config, block.Mlp!, input, layer, new Hooks());
                    return Run(HookPoint.MlpOut(layer), written => written + (without - written).matmul(Projector(write, Unit(edge.To))));
                }

            default:
                {
                    var last = model.Model.Last;
                    var stream = Stream(model.Tokens, last);
                    var read = Norm(stream - Lost(last, Unit(edge.From)), stream, _weights.LnFinal) + (_weights.LnFinal is null ? 0 : _weights.LnFinal.B);
                    return read.matmul(_weights.WU) + _weights.BU;
                }
        }
    }

    /// <summary>What a removed edge no longer carries of one subspace: its activation less what is put there. [batch, pos, d_model]</summary>
    private Tensor Lost(Partition read, int unit)
    {
        var stream = Stream(model.Tokens, read);
        var put = ablation switch { Ablation.Mean => read.Mean.expand_as(stream), Ablation.Zero => zeros_like(stream), _ => Stream(donors, read) };
        return (stream - put).matmul(Projector(read, unit));
    }

    /// <summary>A part of the stream through the norm, without its bias, with the σ of the whole stream.</summary>
    private Tensor Norm(Tensor part, Tensor stream, LayerNormWeights? norm) => norm is null ? part
        : (part - part.mean([-1], keepdim: true)) / (stream.var(-1, unbiased: false, keepdim: true) + _weights.Config.Epsilon).sqrt() * norm.W;

    private Tensor Stream(Tensor tokens, Partition at)
    {
        using var hooks = new Hooks(at.Site!.Value.HookPoint);
        Transformer.Forward(_weights, tokens, hooks: hooks);
        return hooks[at.Site.Value.HookPoint].clone();
    }

    private Tensor Run(HookPoint point, Func<Tensor, Tensor> replacement)
    {
        using var hooks = new Hooks().Replace(point, replacement);
        return Transformer.Forward(_weights, model.Tokens, hooks: hooks);
    }

    private static Tensor Projector(Partition partition, int unit) => partition.Basis(unit).matmul(partition.Basis(unit).T);
}
