using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Runs;

/// <summary>A variable that is known to be in activations.</summary>
/// <param name="Id">Name.</param>
/// <param name="Encoding">categorical, sparse (unit features, at most one active) or gaussian (no structure).</param>
/// <param name="Values">Values it can have; 0 for gaussian.</param>
/// <param name="Dims">Dimensions of its subspace.</param>
/// <param name="Basis">Name of its basis in <c>truth.safetensors</c>. [d_model, dims]</param>
public sealed record TruthVariable(string Id, string Encoding, int Values, int Dims, string Basis);

/// <summary>How the variables depend on each other.</summary>
/// <param name="Order">Variables in the order of the matrix.</param>
/// <param name="MutualInformationBits">Of the values in these rows (plug-in estimate); entropy on the diagonal. [variable, variable]</param>
/// <param name="IdentifiabilityGroups">Variables that no partition could tell apart, together.</param>
public sealed record TruthDependence(IReadOnlyList<string> Order, IReadOnlyList<IReadOnlyList<double>> MutualInformationBits, IReadOnlyList<IReadOnlyList<string>> IdentifiabilityGroups);

/// <summary><c>truth.json</c>: what activations are known to hold; bases stand in <c>truth.safetensors</c>.</summary>
/// <param name="Schema">subspace-circuits/ground-truth/1.</param>
/// <param name="Id">What the truth is of.</param>
/// <param name="DModel">Directions.</param>
/// <param name="Seed">Seed it was made with.</param>
/// <param name="Settings">Settings it was made with.</param>
/// <param name="Variables">The variables.</param>
/// <param name="Dependence">How they depend on each other.</param>
public sealed record TruthDocument(string Schema, string Id, int DModel, int Seed, SyntheticSettings Settings, IReadOnlyList<TruthVariable> Variables, TruthDependence Dependence)
{
    /// <summary>The schema that is written.</summary>
    public const string CurrentSchema = "subspace-circuits/ground-truth/1";
}

/// <summary>Synthetic activations on disk: <c>activations.safetensors</c>, and beside it the truth about them.</summary>
public static class TruthFiles
{
    /// <summary>Writes activations and truth; <c>truth.json</c> comes last, so a folder that has one is whole.</summary>
    /// <param name="folder">Folder, made when it is not there.</param>
    /// <param name="id">What it is.</param>
    /// <param name="settings">What the activations were made with.</param>
    /// <param name="made">The activations.</param>
    public static TruthDocument Write(string folder, string id, SyntheticSettings settings, SyntheticActivations made)
    {
        Directory.CreateDirectory(folder);
        Safetensors.Write(Path.Combine(folder, "activations.safetensors"), new Dictionary<string, Tensor> { ["activations"] = made.Rows });
        TruthVariable[] variables = [.. made.Variables.Select((variable, index) => new TruthVariable($"v{index}", Encoding(settings.Groups[index]), variable.Cardinality, (int)variable.Basis.shape[1], $"truth/v{index}/basis"))];
        Safetensors.Write(Path.Combine(folder, "truth.safetensors"), variables.Zip(made.Variables).ToDictionary(pair => pair.First.Basis, pair => pair.Second.Basis));
        var known = variables.Zip(made.Variables).Where(pair => pair.First.Values > 0).ToArray();
        var information = known.Select(a => (IReadOnlyList<double>)[.. known.Select(b => Math.Round(Bits(a.Second.Values, b.Second.Values), 4))]);
        var document = new TruthDocument(TruthDocument.CurrentSchema, id, settings.DModel, settings.Seed, settings, variables,
            new TruthDependence([.. known.Select(pair => pair.First.Id)], [.. information], [.. known.Select(pair => (IReadOnlyList<string>)[pair.First.Id])]));
        Json.Write(Path.Combine(folder, "truth.json"), document);
        return document;
    }

    /// <summary>Mutual information of two lists of values, bits.</summary>
    public static double Bits(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        double n = a.Count;
        var (first, second) = (a.CountBy(value => value).ToDictionary(), b.CountBy(value => value).ToDictionary());
        return a.Zip(b).CountBy(pair => pair).Sum(pair => pair.Value / n * Math.Log2(pair.Value * n / ((double)first[pair.Key.First] * second[pair.Key.Second])));
    }

    private static string Encoding(SyntheticGroup group) => group.Values == 0 ? "gaussian" : group.Activity is null ? "categorical" : "sparse";
}
