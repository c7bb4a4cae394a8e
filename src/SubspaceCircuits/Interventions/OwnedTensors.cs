namespace SubspaceCircuits.Interventions;

/// <summary>Tensors that live as long as their owner. Disposes them.</summary>
internal sealed class OwnedTensors : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    /// <summary>Takes a tensor out of the present scope and keeps it.</summary>
    public Tensor Add(Tensor tensor)
    {
        _tensors.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    public void Dispose() => _tensors.ForEach(tensor => tensor.Dispose());
}
