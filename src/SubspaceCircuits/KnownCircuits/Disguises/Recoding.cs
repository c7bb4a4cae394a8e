namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>
/// A change of the residual stream: everything that writes it writes <c>· E</c>, everything that reads it reads <c>F ·</c>, codes and duals of variables
/// alike. The model computes the same where <c>E F = 1</c>; what is lost of the stream is <c>1 − E F</c>.
/// </summary>
/// <param name="E">Old coordinates to new. [d_model, d_model of the new stream]</param>
/// <param name="F">New coordinates to old. [d_model of the new stream, d_model]</param>
internal sealed record Recoding(Tensor E, Tensor F)
{
    /// <summary>A stream with more dimensions, of which nothing is written or read.</summary>
    public static Recoding Widen(int dModel, int more)
    {
        var e = eye(dModel, dModel + more, dtype: float64);
        return new Recoding(e, e.T.contiguous());
    }

    /// <summary>The model on the new stream.</summary>
    public ModelParts Apply(ModelParts parts) => parts with
    {
        WE = Write(parts.WE),
        WPos = Write(parts.WPos),
        WU = Read(parts.WU),
        Layers = [.. parts.Layers.Select(layer => layer with
        {
            Heads = [.. layer.Heads.Select(head => head with { WQ = Read(head.WQ), WK = Read(head.WK), WV = Read(head.WV), WO = Write(head.WO) })],
            Neurons = [.. layer.Neurons.Select(part => part with { WIn = Read(part.WIn), WOut = Write(part.WOut) })],
        })],
        Variables = [.. parts.Variables.Select(variable => variable with { Writes = Write(variable.Writes), Reads = Read(variable.Reads) })],
    };

    private Tensor Write(Tensor rows) => rows.matmul(E);

    private Tensor Read(Tensor columns) => F.matmul(columns);
}
