using SubspaceCircuits.KnownCircuits.Compiling;

namespace SubspaceCircuits.KnownCircuits.Twin;

/// <summary>The residual stream of the twin: five blocks, and one direction that nothing uses.</summary>
internal static class TwinBlocks
{
    public const int DModel = 64;

    public static ResidualBlock Tokens { get; } = new("tokens", 0, 16);

    public static ResidualBlock Indices { get; } = new("indices", 16, 14);

    public static ResidualBlock Previous { get; } = new("prev_tok", 30, 16);

    public static ResidualBlock Prediction { get; } = new("pred", 46, 16);

    public static ResidualBlock Bos { get; } = new("bos", 62, 1);

    /// <summary>Rows in the coordinates of a block, zero in all others.</summary>
    /// <param name="block">The block.</param>
    /// <param name="rows">[row, d_block]</param>
    /// <returns>[row, d_model]</returns>
    public static Tensor Embed(ResidualBlock block, Tensor rows) => nn.functional.pad(rows, [block.First, DModel - block.First - block.Size]);
}
