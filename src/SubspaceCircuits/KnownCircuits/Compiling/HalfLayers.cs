using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Compiling;

/// <summary>
/// The earliest half-layer that can compute each variable: attention of layer l is 2l, its MLP 2l + 1. No schedule needs fewer layers.
/// </summary>
internal static class HalfLayers
{
    /// <summary>Half-layer that writes each variable; −1 for tokens and indices. Selector widths are counted by the attention before it.</summary>
    public static IReadOnlyDictionary<SequenceOperator, int> Of(IReadOnlyList<SequenceOperator> variables)
    {
        Dictionary<SequenceOperator, int> written = new(ReferenceEqualityComparer.Instance);
        foreach (var node in variables)
        {
            var ready = node.Inputs.Select(input => written[input]).DefaultIfEmpty(-1).Max();
            written[node] = node switch
            {
                Tokens or Indices => -1,
                Aggregate => NextAttention(ready),
                SelectorWidth => NextAttention(ready) + 1,
                _ => ready + 1 + (Math.Abs(ready) % 2), // the first odd number above
            };
        }

        return written;
    }

    private static int NextAttention(int ready) => ready + 1 + ((ready + 1) % 2);
}
