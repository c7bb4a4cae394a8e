namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>Memory that tensors share: the type and number of its elements and its name in the archive.</summary>
internal sealed record PickleStorage(ScalarType? DType, string Key, long Count);
