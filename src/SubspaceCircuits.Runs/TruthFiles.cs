using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Subspaces.Information;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Runs;

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
        var information = known.Select(a => (IReadOnlyList<double>)[.. known.Select(b => Math.Round(PlugIn.Bits(a.Second.Values, b.Second.Values), 4))]);
        var document = new TruthDocument(TruthDocument.CurrentSchema, id, settings.DModel, settings.Seed, variables)
        {
            Settings = settings,
            Dependence = new TruthDependence([.. known.Select(pair => pair.First.Id)], [.. information], [.. known.Select(pair => (IReadOnlyList<string>)[pair.First.Id])]),
        };
        Json.Write(Path.Combine(folder, "truth.json"), document);
        return document;
    }

    private static string Encoding(SyntheticGroup group) => group.Values == 0 ? "gaussian" : group.Activity is null ? "categorical" : "sparse";
}
