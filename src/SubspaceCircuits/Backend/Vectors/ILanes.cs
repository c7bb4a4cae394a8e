namespace SubspaceCircuits.Backend.Vectors;

/// <summary>
/// What a kernel needs of a vector of floats. A kernel is written once over <c>TLanes</c> and <c>TVector</c>; the runtime compiles it
/// anew for every width, with the vectors in registers.
/// </summary>
/// <typeparam name="TVector">The runtime's vector of floats.</typeparam>
internal unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Width { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector value, float* target);

    static abstract TVector Broadcast(float value);

    /// <summary><c>a b + c</c>, rounded once where the machine can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>The smaller of each pair; which of them, where one is not a number, is left open.</summary>
    static abstract TVector Min(TVector a, TVector b);

    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The least of a vector's elements.</summary>
    static abstract float MinAcross(TVector a);

    static abstract float MaxAcross(TVector a);

    /// <summary>Bit i is set where <c>a[i] &lt; b[i]</c>.</summary>
    static abstract uint Less(TVector a, TVector b);

    /// <summary>Bit i is set where <c>a[i] ≤ b[i]</c>.</summary>
    static abstract uint LessOrEqual(TVector a, TVector b);

    /// <summary>
    /// <c>sums + Σ of the four products of each group of bytes</c>, in two halves: the first factor's bytes are unsigned, the second's
    /// signed; lanes of 16 bits, wrapping. A pair of products must not exceed 32,767.
    /// </summary>
    static abstract TVector AddByteProducts(TVector sums, TVector unsigned, TVector signed);

    /// <summary>Sum of the two 16-bit halves of every lane, as 32-bit integers.</summary>
    static abstract TVector AddHalves(TVector sums);

    static abstract TVector AddInt32(TVector a, TVector b);

    /// <summary>The greater of each pair, as 32-bit integers.</summary>
    static abstract TVector MaxInt32(TVector a, TVector b);

    /// <summary>Counts, 32-bit integers, one more where <c>a[i] &lt; b[i]</c>.</summary>
    static abstract TVector CountLess(TVector counts, TVector a, TVector b);

    /// <summary>Bit i is set where <c>a[i] &gt; b[i]</c>, as 32-bit integers.</summary>
    static abstract uint GreaterInt32(TVector a, TVector b);
}
