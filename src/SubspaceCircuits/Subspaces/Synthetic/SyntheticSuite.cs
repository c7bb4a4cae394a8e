namespace SubspaceCircuits.Subspaces.Synthetic;

/// <summary>Settings of a benchmark, by name.</summary>
/// <param name="Name">Name.</param>
/// <param name="About">What it is, in a few words.</param>
/// <param name="Settings">The settings; the seed is set for each run.</param>
public sealed record SyntheticCase(string Name, string About, SyntheticSettings Settings);

/// <summary>Synthetic activations on which discovery is measured: easy ones first, then those that break assumptions one by one.</summary>
public static class SyntheticSuite
{
    /// <summary>The base: three groups of four directions, variables with twelve values each.</summary>
    private static readonly SyntheticSettings Three = new() { Groups = Equal(3, 4, 12) };

    /// <summary>Three groups in 16 directions of two sizes.</summary>
    private static readonly SyntheticSettings Mixed = new() { Groups = [new(4, 12), new(4, 12), new(8, 36)] };

    /// <summary>The settings that prototypes of the method were measured on.</summary>
    public static IReadOnlyList<SyntheticCase> Reference { get; } =
    [
        new("A", "3 of 4 directions", Three),
        new("B", "2 of 8", new() { Groups = Equal(2, 8, 36) }),
        new("C", "3, 5 and 8 directions", new() { Groups = [new(3, 10), new(5, 20), new(8, 62)] }),
        new("D", "scales 1, 1/2, 1/4", new() { Groups = [new(4, 12), new(4, 12) { Scale = 0.5 }, new(8, 36) { Scale = 0.25 }] }),
        new("E", "a variable copies another 3 times in 10", Three with { Dependences = [new(0, 1, 0.3)] }),
        new("F", "d 32, five groups", new() { Groups = [new(4, 12), new(4, 12), .. Equal(3, 8, 36)] }),
        new("G", "d 48, eight groups", new() { Groups = [.. Enumerable.Range(0, 8).Select(group => new SyntheticGroup(6, 10 + 52 * group / 7))] }),
        new("H", "noise 0.2", Three with { Noise = 0.2 }),
        new("I", "noise 0.5", Three with { Noise = 0.5 }),
        new("J", "a variable copies another once in 10", Three with { Dependences = [new(0, 1, 0.1)] }),
        new("K", "2,000 rows", Mixed with { Rows = 2000 }),
        new("L", "frequencies by Zipf's law", new() { Groups = [.. Mixed.Groups.Select(group => group with { Zipf = 1 })] }),
        new("M", "sparse features in superposition", new() { Groups = [new(4, 8) { Activity = 0.75 }, new(4, 8) { Activity = 0.75 }, new(8, 20) { Activity = 0.75 }], Noise = 0.01 }),
    ];

    /// <summary>Harder ones.</summary>
    public static IReadOnlyList<SyntheticCase> Harder { get; } =
    [
        new("pairs", "six groups, three pairs of which one copies the other 3 times in 10", new() { Groups = Equal(6, 4, 12), Dependences = [new(0, 1, 0.3), new(2, 3, 0.3), new(4, 5, 0.3)] }),
        new("ten", "d 64, ten groups of 4 to 9", new() { Groups = [.. new[] { 4, 4, 5, 6, 6, 7, 7, 8, 8, 9 }.Select(size => new SyntheticGroup(size, 4 * size))] }),
        new("wide", "d 128, sixteen groups of 8", new() { Groups = Equal(16, 8, 36) }),
        new("outliers", "5 % of rows disturbed", Mixed with { Outliers = 0.05 }),
        new("variance", "variances 30 to 1 apart", new() { Groups = [new(4, 12), new(4, 12) { Scale = Math.Sqrt(1 / 30.0) }, new(8, 36) { Scale = Math.Sqrt(1 / 5.0) }] }),
        new("rest", "eight more directions with noise alone", Three with { Rest = 8 }),
        new("gaussian", "a group of 4 is Gaussian, as strong as the others", new() { Groups = [.. Three.Groups, new(4, 0)] }),
        new("one", "one group alone", new() { Groups = [new(12, 36)] }),
        new("nothing", "isotropic Gaussian", new() { Groups = [new(12, 0)] }),
        new("dense", "three times as many sparse features as directions", new() { Groups = [new(4, 12) { Activity = 0.75 }, new(4, 12) { Activity = 0.75 }, new(8, 24) { Activity = 0.75 }], Noise = 0.05 }),
        new("small", "groups of 2, 3 and 11", new() { Groups = [new(2, 8), new(3, 10), new(11, 48)] }),
    ];

    /// <summary>Those that time is measured on: 100,000 rows of groups of 8 or less.</summary>
    public static IReadOnlyList<SyntheticCase> Timed { get; } =
    [
        new("d16", "100,000 rows", Mixed with { Rows = 100_000 }),
        new("d64", "100,000 rows, eight groups", new() { Groups = Equal(8, 8, 36), Rows = 100_000 }),
        new("d256", "100,000 rows, 32 groups", new() { Groups = Equal(32, 8, 36), Rows = 100_000 }),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SyntheticCase> All { get; } = [.. Reference, .. Harder, .. Timed];

    /// <summary>A case by name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static SyntheticCase Find(string name) => All.FirstOrDefault(one => one.Name == name)
        ?? throw new ArgumentException($"There are no synthetic activations '{name}'. Known: {string.Join(", ", All.Select(one => one.Name))}.");

    private static SyntheticGroup[] Equal(int count, int dimensions, int values) => [.. Enumerable.Repeat(new SyntheticGroup(dimensions, values), count)];
}
