using System.Diagnostics.CodeAnalysis;

namespace SubspaceCircuits.Checkpoints;

/// <summary>One tensor in the header of a safetensors file; <c>Begin</c> and <c>End</c> count bytes of the data section.</summary>
internal sealed record SafetensorsEntry(string Name, ScalarType DType, long[] Shape, long Begin, long End)
{
    private static readonly Dictionary<string, ScalarType> Types = new(StringComparer.Ordinal)
    {
        ["F64"] = ScalarType.Float64,
        ["F32"] = ScalarType.Float32,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["I16"] = ScalarType.Int16,
        ["I8"] = ScalarType.Int8,
        ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    };

    private static readonly Dictionary<ScalarType, string> Names = Types.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Every type name that is read and written.</summary>
    public static string KnownTypes => string.Join(' ', Types.Keys);

    /// <summary>The type of a name in a header.</summary>
    public static bool TryType(string name, out ScalarType type) => Types.TryGetValue(name, out type);

    /// <summary>The name of a type in a header.</summary>
    public static bool TryName(ScalarType type, [NotNullWhen(true)] out string? name) => Names.TryGetValue(type, out name);
}
