using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.KnownCircuits.Twin;

/// <summary>
/// A transformer of the shape that copy transformers are trained in (2 layers of 8 heads, d_model 64, attention only, 26 letters, context 32), made by hand: it copies by
/// induction, and its subspaces and its circuit are known.
/// </summary>
/// <remarks>
/// Unlike compiled programs it is not exact: 26 letters and 31 positions lie in 16 and 14 dimensions. Variables are decoded by the greatest of <c>x · Reads</c>,
/// the pseudo-inverse of the codes: <c>Writes · Reads</c> has its greatest value of every row on the diagonal but is not the identity, while <c>Reads · Writes</c> is
/// exactly the projection to the variable's block.
/// Two heads of each layer do the work, each moves half of the codes; six are idle. Half a code tells most letters apart, so that the twin is right 85 times in 100 or
/// more without either of the four.
/// </remarks>
public static class CopyTwin
{
    private const int NHeads = 8;
    private const int LongestPattern = 16;

    /// <summary>The task whose tokens it has: patterns of 2 to 16 distinct letters, repeated until the context is full.</summary>
    public static ITask Task { get; } = TaskRegistry.Find($"pure_repeating_pattern:characters=26,longest={LongestPattern},context=31");

    /// <summary>What it computes: the previous token, then the token that followed where the present one was the previous.</summary>
    public static KnownProgram Program { get; } = Induction();

    /// <summary>The transformer in parts, in the caller's dispose scope.</summary>
    /// <param name="options">Numbers; null for the defaults.</param>
    public static ModelParts Build(CopyTwinOptions? options = null)
    {
        options ??= new CopyTwinOptions();
        options.Validate();
        var codes = TokenCodes.Find(Program.Vocabulary.Count, TwinBlocks.Tokens.Size, channels: 7, options.Seed);
        var positions = RotaryPositions.Codes(Program.MaxLength);
        LayerParts Layer(IEnumerable<HeadPart> heads)
        {
            HeadPart[] working = [.. heads];
            return new LayerParts([.. working, .. Enumerable.Repeat(0, NHeads - working.Length).Select(_ => TwinHeads.Idle())], []);
        }

        var tokens = cat([TwinBlocks.Embed(TwinBlocks.Tokens, codes.Codes), BosCode()], dim: 0);
        var specials = Task.Vocabulary.Tokens.Count - tokens.shape[0]; // they have no code and are not predicted
        var logits = TwinBlocks.Embed(TwinBlocks.Prediction, codes.Codes).T * options.UnembedScale; // [d_model, letter]
        return new ModelParts(
            nn.functional.pad(tokens, [0, 0, 0, specials]),
            nn.functional.pad(TwinBlocks.Embed(TwinBlocks.Indices, positions), [0, 0, 1, 0]), // BOS has no position
            nn.functional.pad(logits, [0, Task.Vocabulary.Tokens.Count - Program.Vocabulary.Count]),
            IsCausal: true,
            [Layer(TwinHeads.PreviousToken(options.PositionBeta)), Layer(TwinHeads.Induction(codes, options.TokenBeta))],
            [.. Variables(codes.Codes, positions)],
            [TwinBlocks.Prediction.Id]);
    }

    private static Tensor BosCode() => TwinBlocks.Embed(TwinBlocks.Bos, ones(1, 1, dtype: float64));

    private static IEnumerable<KnownVariable> Variables(Tensor letters, Tensor positions)
    {
        KnownVariable Categorical(ResidualBlock block, Tensor codes, IReadOnlyList<Value> values, bool isNullable, int writtenAt, bool isPositionOnly = false)
        {
            var duals = linalg.pinv(codes); // [d_block, value]
            return new KnownVariable(block.Id, Encoding.Categorical, values, isNullable, writtenAt, IsAuxiliary: false, isPositionOnly,
                TwinBlocks.Embed(block, codes), TwinBlocks.Embed(block, duals.T).T.contiguous());
        }

        var (alphabet, bos) = (Program.Vocabulary, BosCode());
        yield return new KnownVariable(TwinBlocks.Bos.Id, Encoding.Numerical, [], IsNullable: false, WrittenAt: -1, IsAuxiliary: true, IsPositionOnly: true, bos, bos.T.contiguous());
        yield return Categorical(TwinBlocks.Tokens, letters, alphabet, isNullable: false, writtenAt: -1);
        yield return Categorical(TwinBlocks.Indices, positions, [.. Enumerable.Range(0, Program.MaxLength).Select(index => (Value)index)], isNullable: false, writtenAt: -1, isPositionOnly: true);
        yield return Categorical(TwinBlocks.Previous, letters, alphabet, isNullable: true, writtenAt: 0);
        yield return Categorical(TwinBlocks.Prediction, letters, alphabet, isNullable: true, writtenAt: 2);
    }

    private static KnownProgram Induction()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var previous = Rasp.Program.ShiftBy(TwinBlocks.Previous.Id, tokens, indices, 1);
        var prediction = Rasp.Program.Aggregate(TwinBlocks.Prediction.Id, Rasp.Program.Select(previous, tokens, (key, query) => key == query), tokens);
        Value[] alphabet = [.. Task.Vocabulary.Tokens.Take(Task.Vocabulary.TaskTokens).Select(letter => (Value)letter)];
        return new KnownProgram("copy_twin", [prediction], alphabet, Task.NCtx - 1, IsCausal: true)
        {
            Sampler = (random, length) =>
            {
                var pattern = Permutations.Draw(alphabet.Length, random.Next(2, LongestPattern + 1), random);
                return [.. Enumerable.Range(0, length).Select(position => alphabet[pattern[position % pattern.Length]])];
            },
        };
    }
}
