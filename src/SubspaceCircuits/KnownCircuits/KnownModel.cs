using SubspaceCircuits.Models;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>A head of a model and what it is known to do.</summary>
public sealed record KnownHead(int Layer, int Head, HeadRole Role);

/// <summary>Neurons of an MLP and what they are known to do.</summary>
public sealed record KnownNeurons(int Layer, IReadOnlyList<int> Neurons, NeuronRole Role);

/// <summary>A transformer whose subspaces and circuit are known. Owns its tensors and disposes them.</summary>
/// <param name="Id">Name.</param>
/// <param name="Weights">The model, float64.</param>
/// <param name="Variables">Its variables and where they lie, auxiliary ones included.</param>
/// <param name="Heads">Its heads, in the order of the computation; heads that only pad a layer are not among them.</param>
/// <param name="Neurons">Its neurons in groups that compute one variable each.</param>
/// <param name="Outputs">Variables that the logits read, in the order of the logits.</param>
public sealed record KnownModel(string Id, Weights Weights, IReadOnlyList<KnownVariable> Variables, IReadOnlyList<KnownHead> Heads, IReadOnlyList<KnownNeurons> Neurons, IReadOnlyList<string> Outputs) : IDisposable
{
    /// <summary>The variable of this name.</summary>
    public KnownVariable this[string id] => Variables.First(variable => variable.Id == id);

    /// <summary>Half-layer that writes a site: −1 for <c>x0.pre</c>, 2l for <c>xl.mid</c>, 2l + 1 for <c>xl.post</c> (2l in an attention-only model, which has no other).</summary>
    public static int WrittenAt(Site site) => site.Kind switch { SiteKind.Pre => -1, SiteKind.Mid => 2 * site.Layer, _ => (2 * site.Layer) + 1 };

    /// <summary>The variables that a site holds.</summary>
    public IEnumerable<KnownVariable> At(Site site) => Variables.Where(variable => variable.WrittenAt <= WrittenAt(site));

    /// <inheritdoc/>
    public void Dispose()
    {
        Weights.Dispose();
        foreach (var variable in Variables)
        {
            variable.Writes.Dispose();
            variable.Reads.Dispose();
        }
    }
}
