using System.Collections.Frozen;

namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>The Python names that a file may mention. All others are refused.</summary>
internal static class PickleGlobals
{
    private static readonly FrozenDictionary<string, object> Allowed = new Dictionary<string, object>
    {
        ["collections.OrderedDict"] = PickleFunction.OrderedDict,
        ["torch._utils._rebuild_tensor_v2"] = PickleFunction.RebuildTensorV2,
        ["torch._utils._rebuild_tensor_v3"] = PickleFunction.RebuildTensorV3,
        ["torch._utils._rebuild_parameter"] = PickleFunction.RebuildParameter,
        ["torch.Size"] = PickleFunction.Size,
        ["torch.device"] = PickleFunction.Device,
        ["torch.storage.UntypedStorage"] = new PickleStorageClass(null),
        ["torch.DoubleStorage"] = new PickleStorageClass(ScalarType.Float64),
        ["torch.FloatStorage"] = new PickleStorageClass(ScalarType.Float32),
        ["torch.HalfStorage"] = new PickleStorageClass(ScalarType.Float16),
        ["torch.BFloat16Storage"] = new PickleStorageClass(ScalarType.BFloat16),
        ["torch.LongStorage"] = new PickleStorageClass(ScalarType.Int64),
        ["torch.IntStorage"] = new PickleStorageClass(ScalarType.Int32),
        ["torch.ShortStorage"] = new PickleStorageClass(ScalarType.Int16),
        ["torch.CharStorage"] = new PickleStorageClass(ScalarType.Int8),
        ["torch.ByteStorage"] = new PickleStorageClass(ScalarType.Byte),
        ["torch.BoolStorage"] = new PickleStorageClass(ScalarType.Bool),
        ["torch.float64"] = ScalarType.Float64,
        ["torch.float32"] = ScalarType.Float32,
        ["torch.float16"] = ScalarType.Float16,
        ["torch.bfloat16"] = ScalarType.BFloat16,
        ["torch.int64"] = ScalarType.Int64,
        ["torch.int32"] = ScalarType.Int32,
        ["torch.int16"] = ScalarType.Int16,
        ["torch.int8"] = ScalarType.Int8,
        ["torch.uint8"] = ScalarType.Byte,
        ["torch.bool"] = ScalarType.Bool,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What stands for the Python name.</summary>
    public static object Find(PickleInput input, string module, string name) =>
        Allowed.TryGetValue($"{module}.{name}", out var value) ? value
        : throw input.Error($"refused global {OneLine.Quote($"{module}.{name}")}: only tensors and plain containers are read");
}
