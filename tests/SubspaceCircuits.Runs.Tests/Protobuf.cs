using System.Buffers.Binary;

namespace SubspaceCircuits.Tests;

/// <summary>Protocol buffers read without their schema: enough for messages whose fields occur once.</summary>
internal static class Protobuf
{
    /// <summary>Fields by number: ulong, fixed uint or ulong, or bytes.</summary>
    public static Dictionary<int, object> Fields(byte[] message)
    {
        Dictionary<int, object> fields = [];
        var at = 0;
        ulong Varint()
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var part = message[at++];
                value |= (ulong)(part & 0x7F) << shift;
                if (part < 0x80)
                    return value;
            }
        }

        byte[] Take(int length)
        {
            at += length;
            return message[(at - length)..at];
        }

        while (at < message.Length)
        {
            var key = Varint();
            fields[(int)(key >> 3)] = (key & 7) switch
            {
                0 => Varint(),
                1 => BinaryPrimitives.ReadUInt64LittleEndian(Take(8)),
                2 => Take((int)Varint()),
                5 => BinaryPrimitives.ReadUInt32LittleEndian(Take(4)),
                var kind => throw new FormatException($"Wire type {kind} is not one of those that are in use."),
            };
        }

        return fields;
    }
}
