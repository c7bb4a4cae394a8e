namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>A Python callable that is imitated; nothing of a file is ever executed.</summary>
internal enum PickleFunction
{
    OrderedDict,
    RebuildTensorV2,
    RebuildTensorV3,
    RebuildParameter,
    Size,
    Device,
}
