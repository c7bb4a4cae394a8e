using SubspaceCircuits.Models;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>A query and a key that a head compares; a query of null is the constant part of the query.</summary>
public sealed record QkPair(string? Query, string Key);

/// <summary>A variable that goes through a head's values into another.</summary>
public sealed record Move(string From, string To);

/// <summary>What a head is known to do.</summary>
/// <param name="Pairs">What its scores compare, auxiliary variables included.</param>
/// <param name="Moves">What it moves.</param>
/// <param name="IsInCircuit">Whether the outputs need it; a head that is not may still write.</param>
/// <param name="RedundancyGroup">Name that heads share which do together what one head could do; null for a head on its own.</param>
public sealed record HeadRole(IReadOnlyList<QkPair> Pairs, IReadOnlyList<Move> Moves, bool IsInCircuit = true, string? RedundancyGroup = null);

/// <summary>What a group of neurons of one MLP is known to do.</summary>
/// <param name="Reads">Variables it reads, auxiliary ones included.</param>
/// <param name="Writes">The variable it writes; null when it writes nothing that a circuit reads.</param>
/// <param name="IsInCircuit">Whether the outputs need it.</param>
public sealed record NeuronRole(IReadOnlyList<string> Reads, string? Writes, bool IsInCircuit = true);

/// <summary>A head; scores are not divided by √d_head here.</summary>
/// <param name="WQ">[d_model, d_head]</param>
/// <param name="BQ">[d_head]</param>
/// <param name="WK">[d_model, d_head]</param>
/// <param name="BK">[d_head]</param>
/// <param name="WV">[d_model, d_value]</param>
/// <param name="WO">[d_value, d_model]</param>
/// <param name="Role">What it does.</param>
public sealed record HeadPart(Tensor WQ, Tensor BQ, Tensor WK, Tensor BK, Tensor WV, Tensor WO, HeadRole Role);

/// <summary>A group of ReLU neurons.</summary>
/// <param name="WIn">[d_model, neuron]</param>
/// <param name="BIn">[neuron]</param>
/// <param name="WOut">[neuron, d_model]</param>
/// <param name="Role">What they do.</param>
public sealed record NeuronPart(Tensor WIn, Tensor BIn, Tensor WOut, NeuronRole Role);

/// <summary>A layer in parts.</summary>
/// <param name="Heads">Its heads, in order.</param>
/// <param name="Neurons">Its groups of neurons, in order.</param>
/// <param name="NeuronOrder">Which neuron, counted through all groups, stands at each place; null leaves them in order.</param>
public sealed record LayerParts(IReadOnlyList<HeadPart> Heads, IReadOnlyList<NeuronPart> Neurons, IReadOnlyList<int>? NeuronOrder = null)
{
    /// <summary>Which neuron, counted through all groups, stands at each place.</summary>
    public IReadOnlyList<int> Order => NeuronOrder ?? [.. Enumerable.Range(0, (int)Neurons.Sum(part => part.BIn.shape[0]))];
}

/// <summary>
/// A transformer with a known circuit, still in parts that may have different widths: what the compiler makes and disguises change, in float64. Its tensors
/// belong to the caller's dispose scope.
/// </summary>
/// <param name="WE">Token embedding; BOS and padding after the tokens. [vocab, d_model]</param>
/// <param name="WPos">Position embedding. [n_ctx, d_model]</param>
/// <param name="WU">Unembedding. [d_model, vocab_out]</param>
/// <param name="IsCausal">Direction of attention.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="Variables">Its variables, auxiliary ones included.</param>
/// <param name="Outputs">Variables that the logits read, in the order of the logits.</param>
public sealed record ModelParts(Tensor WE, Tensor WPos, Tensor WU, bool IsCausal, IReadOnlyList<LayerParts> Layers, IReadOnlyList<KnownVariable> Variables, IReadOnlyList<string> Outputs)
{
    /// <summary>Width of the residual stream.</summary>
    public int DModel => (int)WE.shape[1];

    /// <summary>Width of the widest head.</summary>
    public int DHead => (int)Layers.SelectMany(layer => layer.Heads).SelectMany(head => new[] { head.WQ.shape[1], head.WV.shape[1] }).DefaultIfEmpty(1).Max();

    /// <summary>
    /// The model: heads padded to one width and number, MLPs to one number of neurons, queries multiplied by √d_head, by which every transformer here
    /// divides scores. A layer without heads gets one that writes nothing.
    /// </summary>
    public KnownModel Assemble(string id)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (d, width, heads) = (DModel, DHead, Math.Max(1, Layers.Max(layer => layer.Heads.Count)));
        var neurons = (int)Layers.Max(layer => layer.Neurons.Sum(part => part.BIn.shape[0]));
        var config = new ModelConfig
        {
            NLayers = Layers.Count,
            NHeads = heads,
            DModel = d,
            DHead = width,
            DMlp = neurons > 0 ? neurons : null,
            DVocab = (int)WE.shape[0],
            DVocabOut = (int)WU.shape[1],
            NCtx = (int)WPos.shape[0],
            IsCausal = IsCausal,
            Activation = Activation.Relu,
            Normalization = Normalization.None,
        };

        AttentionWeights Attention(LayerParts layer)
        {
            Tensor Heads(Func<HeadPart, Tensor> part, params long[] shape) => stack([.. layer.Heads.Select(head => Padded(part(head), shape)),
                .. Enumerable.Repeat(0, heads - layer.Heads.Count).Select(_ => zeros(shape, dtype: float64))], dim: 0);
            var scale = Math.Sqrt(width);
            return new AttentionWeights(Heads(head => head.WQ * scale, d, width), Heads(head => head.WK, d, width), Heads(head => head.WV, d, width), Heads(head => head.WO, width, d),
                Heads(head => head.BQ * scale, width), Heads(head => head.BK, width), zeros(heads, width, dtype: float64), zeros(d, dtype: float64));
        }

        MlpWeights Mlp(LayerParts layer)
        {
            var order = tensor([.. layer.Order.Select(neuron => (long)neuron)], dtype: int64);
            Tensor Neurons(Func<NeuronPart, Tensor> part, int dimension, params long[] shape) => layer.Neurons.Count == 0 ? zeros(shape, dtype: float64)
                : Padded(cat([.. layer.Neurons.Select(part)], dim: dimension).index_select(dimension, order), shape);
            return new MlpWeights(Neurons(part => part.WIn, 1, d, neurons), Neurons(part => part.BIn, 0, neurons), Neurons(part => part.WOut, 0, neurons, d), zeros(d, dtype: float64));
        }

        var blocks = Layers.Select(layer => new BlockWeights(null, Attention(layer), null, neurons > 0 ? Mlp(layer) : null)).ToArray();
        var weights = new Weights(config, WE.clone(), WPos.clone(), blocks, null, WU.clone(), zeros(WU.shape[1], dtype: float64));
        return new KnownModel(id, weights,
            [.. Variables.Select(variable => variable with { Writes = variable.Writes.clone().DetachFromDisposeScope(), Reads = variable.Reads.clone().DetachFromDisposeScope() })],
            [.. Layers.SelectMany((layer, at) => layer.Heads.Select((head, index) => new KnownHead(at, index, head.Role)))],
            [.. Layers.SelectMany(NeuronGroups)], Outputs);
    }

    private static IEnumerable<KnownNeurons> NeuronGroups(LayerParts layer, int at)
    {
        var place = layer.Order.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var first = 0;
        foreach (var part in layer.Neurons)
        {
            var count = (int)part.BIn.shape[0];
            yield return new KnownNeurons(at, [.. Enumerable.Range(first, count).Select(neuron => place[neuron]).Order()], part.Role);
            first += count;
        }
    }

    /// <summary>The same with zeros behind it in every dimension.</summary>
    internal static Tensor Padded(Tensor tensor, params long[] shape)
    {
        var padded = zeros(shape, dtype: float64);
        padded[[.. tensor.shape.Select(size => TensorIndex.Slice(0, size))]] = tensor;
        return padded;
    }
}
