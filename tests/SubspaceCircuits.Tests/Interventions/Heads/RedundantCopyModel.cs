using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;

namespace SubspaceCircuits.Tests.Interventions.Heads;

/// <summary>
/// A copy transformer made by hand, two layers of three heads, no MLPs, no norms. a0.0 and a0.1 are the same previous-token head, and either
/// is enough for the induction head a1.0. a0.2 and a1.1 write nothing, a1.2 writes a constant.
/// </summary>
internal static class RedundantCopyModel
{
    private const int Sharp = 1000;

    public static ITask Task { get; } = new UniqueTokenPattern(characters: 6, longest: 4);

    public static Weights Assemble()
    {
        using var scope = NewDisposeScope();
        int vocabulary = Task.Vocabulary.Tokens.Count, positions = Task.NCtx;
        // The stream: token, position, previous token, answer; one-hot each.
        int position = vocabulary, previous = position + positions, answer = previous + vocabulary;
        ModelConfig config = new() { NLayers = 2, NHeads = 3, DModel = answer + vocabulary, DHead = vocabulary, DVocab = vocabulary, NCtx = positions, Normalization = Normalization.None };
        Assert.True(positions <= config.DHead);

        Tensor Map(int rows, int columns, int from, int to, int count, float scale = 1, int shift = 0)
        {
            var map = zeros(rows, columns);
            for (var i = 0; i < count; i++)
                map[from + i + shift, to + i] = scale;
            return map;
        }

        Tensor Read(int from, int count, float scale = 1, int shift = 0) => Map(config.DModel, config.DHead, from, 0, count, scale, shift);
        Tensor Write(int to) => Map(config.DHead, config.DModel, 0, to, vocabulary);
        Tensor none = zeros(config.DModel, config.DHead), nothing = zeros(config.DHead, config.DModel);
        var made = new Dictionary<string, Tensor>
        {
            ["embed.W_E"] = Map(vocabulary, config.DModel, 0, 0, vocabulary),
            ["pos_embed.W_pos"] = Map(positions, config.DModel, 0, position, positions),
            ["unembed.W_U"] = Map(config.DModel, vocabulary, answer, 0, vocabulary, 10),
            // Position i is matched with position i − 1.
            ["blocks.0.attn.W_Q"] = stack([Read(position, positions - 1, Sharp, shift: 1), Read(position, positions - 1, Sharp, shift: 1), none]),
            ["blocks.0.attn.W_K"] = stack([Read(position, positions), Read(position, positions), none]),
            ["blocks.0.attn.W_V"] = stack([Read(0, vocabulary), Read(0, vocabulary), none]),
            ["blocks.0.attn.W_O"] = stack([Write(previous), Write(previous), nothing]),
            // The token is matched with previous tokens.
            ["blocks.1.attn.W_Q"] = stack([Read(0, vocabulary, Sharp), none, none]),
            ["blocks.1.attn.W_K"] = stack([Read(previous, vocabulary), none, none]),
            ["blocks.1.attn.W_V"] = stack([Read(0, vocabulary), none, none]),
            ["blocks.1.attn.W_O"] = stack([Write(answer), nothing, Write(answer)]),
            ["blocks.1.attn.b_V"] = stack([zeros(config.DHead), zeros(config.DHead), full(config.DHead, 0.1f)]),
        };
        return WeightNames.Assemble(config, name => made.TryGetValue(name, out var tensor) ? tensor : zeros(WeightNames.Shapes(config).Single(entry => entry.Name == name).Shape));
    }
}
