namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>A disguise that was applied; with its seed it does the same again.</summary>
/// <param name="Disguise">Name and settings, such as <c>Encode { Share = 0.6, MaxCondition = 5 }</c>.</param>
/// <param name="Seed">Seed of its source of chance.</param>
public sealed record AppliedDisguise(string Disguise, int Seed);

/// <summary>A model and what it was disguised by, in order.</summary>
public sealed record DisguisedModel(ModelParts Parts, IReadOnlyList<AppliedDisguise> Disguises);

/// <summary>Disguises one after the other.</summary>
public static class Composition
{
    /// <summary>Applies disguises in order, each with a seed of its own.</summary>
    /// <param name="parts">A model, float64.</param>
    /// <param name="disguises">The disguises.</param>
    /// <param name="seed">Decides the seeds of all.</param>
    public static DisguisedModel Apply(ModelParts parts, IEnumerable<IDisguise> disguises, int seed)
    {
        using var noGrad = no_grad();
        var seeds = new Random(seed);
        List<AppliedDisguise> applied = [];
        foreach (var disguise in disguises)
        {
            applied.Add(new AppliedDisguise($"{disguise}", seeds.Next()));
            parts = disguise.Apply(parts, new Random(applied[^1].Seed));
        }

        return new DisguisedModel(parts, applied);
    }
}
