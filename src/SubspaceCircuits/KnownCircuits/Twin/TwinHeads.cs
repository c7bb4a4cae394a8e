using SubspaceCircuits.KnownCircuits.Compiling;

namespace SubspaceCircuits.KnownCircuits.Twin;

/// <summary>The heads of the twin. Two share the work of each layer: they attend alike, and each moves half of a code.</summary>
internal static class TwinHeads
{
    private const int DHead = 8;

    /// <summary>
    /// Heads that look one position back: the score of i for j is <c>β Σ_k cos ω_k(i − 1 − j)</c>. What they see of BOS is the code of position −1, so that the first
    /// token finds BOS, which has no token.
    /// </summary>
    public static IEnumerable<HeadPart> PreviousToken(double beta)
    {
        var bos = RotaryPositions.Code(-1);
        var place = 0; // of the frequency in the code
        for (var half = 0; half < RotaryPositions.Frequencies.Count; half++)
        {
            Rows wQ = new(TwinBlocks.DModel), wK = new(TwinBlocks.DModel);
            for (var end = place + RotaryPositions.Frequencies[half].Count; place < end; place++)
            {
                var ((sin, cos), gain) = (Math.SinCos(RotaryPositions.Angles[place]), beta * RotaryPositions.Angles.Count);
                var (x, y) = (TwinBlocks.Indices.First + (2 * place), TwinBlocks.Indices.First + (2 * place) + 1);
                wQ.Add([(x, gain * cos), (y, gain * sin)]);
                wQ.Add([(x, -gain * sin), (y, gain * cos)]);
                wK.Add([(x, 1), (TwinBlocks.Bos.First, bos[2 * place])]);
                wK.Add([(y, 1), (TwinBlocks.Bos.First, bos[(2 * place) + 1])]);
            }

            var (indices, channels) = (TwinBlocks.Indices.Id, wQ.Count);
            yield return Head(wQ.Tensor().T, zeros(channels, dtype: float64), wK.Tensor().T, TwinBlocks.Tokens, TwinBlocks.Previous, half,
                new QkPair(indices, indices), new QkPair(indices, TwinBlocks.Bos.Id));
        }
    }

    /// <summary>
    /// Heads that look for the token in the previous tokens: the score is <c>β (c_q G)·(c_k G) / mean‖cG‖²</c>, that of BOS half way between the least of a token with itself
    /// and the greatest of two different ones.
    /// </summary>
    public static IEnumerable<HeadPart> Induction(TokenCodes codes, double beta)
    {
        var (mean, own, other) = codes.Matches();
        var channels = codes.Projection.shape[1];
        for (var half = 0; half < 2; half++)
        {
            var bos = zeros(TwinBlocks.DModel, 1, dtype: float64);
            bos[TwinBlocks.Bos.First, 0] = beta * (own + other) / 2;
            var wQ = nn.functional.pad(TwinBlocks.Embed(TwinBlocks.Tokens, codes.Projection.T * (beta / mean)).T, [0, 1]);
            var wK = cat([TwinBlocks.Embed(TwinBlocks.Previous, codes.Projection.T).T, bos], dim: 1);
            var bQ = cat([zeros(channels, dtype: float64), ones(1, dtype: float64)], dim: 0);
            yield return Head(wQ, bQ, wK, TwinBlocks.Tokens, TwinBlocks.Prediction, half, new QkPair(TwinBlocks.Tokens.Id, TwinBlocks.Previous.Id), new QkPair(null, TwinBlocks.Bos.Id));
        }
    }

    /// <summary>A head that reads and writes nothing.</summary>
    public static HeadPart Idle()
    {
        Tensor Zeros(params long[] shape) => zeros(shape, dtype: float64);
        return new HeadPart(Zeros(TwinBlocks.DModel, DHead), Zeros(DHead), Zeros(TwinBlocks.DModel, DHead), Zeros(DHead), Zeros(TwinBlocks.DModel, DHead), Zeros(DHead, TwinBlocks.DModel),
            new HeadRole([], [], IsInCircuit: false));
    }

    /// <summary>A head that moves half of a block into the same half of another.</summary>
    private static HeadPart Head(Tensor wQ, Tensor bQ, Tensor wK, ResidualBlock from, ResidualBlock to, int half, params QkPair[] pairs)
    {
        Tensor Half(ResidualBlock block) => TwinBlocks.Embed(block, eye(block.Size, dtype: float64).narrow(0, half * DHead, DHead)); // [d_head, d_model]
        return new HeadPart(wQ, bQ, wK, zeros_like(bQ), Half(from).T, Half(to), new HeadRole(pairs, [new Move(from.Id, to.Id)], RedundancyGroup: to.Id));
    }
}
