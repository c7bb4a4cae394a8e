namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>
/// A pickle machine that builds tensors and plain containers and can do nothing else: every opcode and every Python name
/// that it does not know is refused.
/// </summary>
internal sealed class PickleReader
{
    private readonly PickleInput input;
    private readonly PickleStack stack;
    private readonly TensorRebuilder tensors;

    private PickleReader(string file, ReadOnlyMemory<byte> pickle, TorchZip zip)
    {
        input = new PickleInput(file, pickle);
        stack = new PickleStack(input);
        tensors = new TensorRebuilder(input, zip);
    }

    /// <summary>The pickled object. Its tensors belong to the current dispose scope.</summary>
    public static object? Read(string file, ReadOnlyMemory<byte> pickle, TorchZip zip) =>
        new PickleReader(file, pickle, zip).Run();

    private object? Run()
    {
        if (input.Byte() != (byte)PickleOpcode.Proto || input.Byte() is < 2 or > 5)
        {
            throw input.Error("not a pickle of protocol 2 to 5");
        }
        while (true)
        {
            var opcode = (PickleOpcode)input.Byte();
            if (opcode == PickleOpcode.Stop)
            {
                return stack.Pop();
            }
            if (!TryValue(opcode) && !TryContainer(opcode) && !TryReference(opcode))
            {
                throw input.Error($"refused opcode {(Enum.IsDefined(opcode) ? opcode : $"0x{(byte)opcode:x2}")}: "
                    + "only tensors and plain containers are read");
            }
        }
    }

    private bool TryValue(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.None: stack.Push(null); break;
            case PickleOpcode.NewTrue: stack.Push(true); break;
            case PickleOpcode.NewFalse: stack.Push(false); break;
            case PickleOpcode.BinInt: stack.Push((long)input.Int32()); break;
            case PickleOpcode.BinInt1: stack.Push((long)input.Byte()); break;
            case PickleOpcode.BinInt2: stack.Push((long)input.UInt16()); break;
            case PickleOpcode.Long1: stack.Push(input.Integer(input.Byte())); break;
            case PickleOpcode.BinFloat: stack.Push(input.Double()); break;
            case PickleOpcode.ShortBinUnicode: stack.Push(input.Text(input.Byte())); break;
            case PickleOpcode.BinUnicode: stack.Push(input.Text(input.UInt32())); break;
            case PickleOpcode.BinUnicode8: stack.Push(input.Text(input.UInt64())); break;
            case PickleOpcode.ShortBinBytes: stack.Push(input.Bytes((ulong)input.Byte()).ToArray()); break;
            case PickleOpcode.BinBytes: stack.Push(input.Bytes((ulong)input.UInt32()).ToArray()); break;
            default: return false;
        }
        return true;
    }

    private bool TryContainer(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark: stack.Mark(); break;
            case PickleOpcode.Pop: stack.Pop(); break;
            case PickleOpcode.PopMark: stack.PopMark(); break;
            case PickleOpcode.Dup: stack.Push(stack.Peek()); break;
            case PickleOpcode.EmptyTuple: stack.Push(Array.Empty<object?>()); break;
            case PickleOpcode.Tuple: stack.Push(stack.PopMark()); break;
            case PickleOpcode.Tuple1: stack.Push(stack.Pop(count: 1)); break;
            case PickleOpcode.Tuple2: stack.Push(stack.Pop(count: 2)); break;
            case PickleOpcode.Tuple3: stack.Push(stack.Pop(count: 3)); break;
            case PickleOpcode.EmptyList: stack.Push(new List<object?>()); break;
            case PickleOpcode.Append: Append(stack.Pop(count: 1)); break;
            case PickleOpcode.Appends: Append(stack.PopMark()); break;
            case PickleOpcode.EmptyDict: stack.Push(new OrderedDictionary<object, object?>()); break;
            case PickleOpcode.SetItem: SetItems(stack.Pop(count: 2)); break;
            case PickleOpcode.SetItems: SetItems(stack.PopMark()); break;
            default: return false;
        }
        return true;
    }

    private bool TryReference(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.BinPut: stack.Put(input.Byte()); break;
            case PickleOpcode.LongBinPut: stack.Put(input.UInt32()); break;
            case PickleOpcode.Memoize: stack.Memoize(); break;
            case PickleOpcode.BinGet: stack.Push(stack.Get(input.Byte())); break;
            case PickleOpcode.LongBinGet: stack.Push(stack.Get(input.UInt32())); break;
            case PickleOpcode.Global: stack.Push(PickleGlobals.Find(input, input.Line(), input.Line())); break;
            case PickleOpcode.StackGlobal: StackGlobal(); break;
            case PickleOpcode.BinPersid: stack.Push(tensors.Storage(stack.Pop())); break;
            case PickleOpcode.Reduce: Reduce(); break;
            case PickleOpcode.Build: Build(); break;
            case PickleOpcode.Frame: input.UInt64(); break;
            default: return false;
        }
        return true;
    }

    private void Append(object?[] items) => stack.Peek<List<object?>>("a list to append to").AddRange(items);

    private void SetItems(object?[] items)
    {
        var dictionary = stack.Peek<OrderedDictionary<object, object?>>("a dictionary to fill");
        if (items.Length % 2 != 0)
        {
            throw input.Error("a dictionary key without value");
        }
        foreach (var pair in items.Chunk(2))
        {
            // Other keys would need Python's rules for equality, and a file could choose long numbers whose hashes collide.
            if (pair[0] is not (string or >= (long)int.MinValue and <= (long)int.MaxValue))
            {
                throw input.Error("a dictionary key that is neither a string nor a 32-bit integer");
            }
            dictionary[pair[0]!] = pair[1];
        }
    }

    private void StackGlobal()
    {
        var name = stack.Pop<string>("the name of a global");
        stack.Push(PickleGlobals.Find(input, stack.Pop<string>("the module of a global"), name));
    }

    private void Reduce()
    {
        var arguments = stack.Pop<object?[]>("a tuple of arguments");
        stack.Push(stack.Pop() is PickleFunction function
            ? tensors.Call(function, arguments)
            : throw input.Error("a call of something that is not a function"));
    }

    /// <summary>A module's state dict carries its version numbers as an attribute, which no tensor depends on.</summary>
    private void Build()
    {
        stack.Pop<OrderedDictionary<object, object?>>("attributes as a dictionary");
        stack.Peek<OrderedDictionary<object, object?>>("an OrderedDict to give attributes to");
    }
}
