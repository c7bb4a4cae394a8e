using SubspaceCircuits.Activations;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>Rows of a tensor in order, again and again: every reader of the same tensor sees the same activations. The tensor stays the caller's.</summary>
internal sealed class CyclicSource(Tensor rows) : IActivationSource
{
    private long _next;

    public int DModel => (int)rows.shape[1];

    public Tensor Next(int count)
    {
        using var scope = NewDisposeScope();
        List<Tensor> parts = [];
        for (long missing = count; missing > 0;)
        {
            var taken = Math.Min(missing, rows.shape[0] - _next);
            parts.Add(rows.narrow(0, _next, taken));
            _next = (_next + taken) % rows.shape[0];
            missing -= taken;
        }

        return cat([.. parts], dim: 0).MoveToOuterDisposeScope();
    }
}
