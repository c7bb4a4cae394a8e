namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>A storage class of PyTorch; without a type it is the untyped one, which counts bytes.</summary>
internal sealed record PickleStorageClass(ScalarType? DType);
