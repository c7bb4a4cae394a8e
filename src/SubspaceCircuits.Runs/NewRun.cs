using System.Runtime.InteropServices;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Runs;

/// <summary>The manifest that a new run starts with.</summary>
public static class NewRun
{
    /// <summary>Version of this software.</summary>
    public static string Version { get; } = typeof(NewRun).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>A manifest without stages.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">Settings to freeze.</param>
    /// <param name="command">The command as it was given.</param>
    public static RunManifest Manifest(ModelOnDisk model, AnalysisSettings settings, string command) =>
        new(RunManifest.CurrentSchema, Version,
            new Dictionary<string, string>
            {
                ["dotnet"] = RuntimeInformation.FrameworkDescription,
                ["torchsharp"] = typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "unknown",
                ["libtorch"] = torch.__version__,
            },
            command,
            Model(model),
            settings, torch.get_num_threads(), []);

    /// <summary>A model's sizes and where it was read from.</summary>
    public static ModelRecord Model(ModelOnDisk model)
    {
        var config = model.Weights.Config;
        return new ModelRecord(model.Name, Path.GetFullPath(model.WeightsFile), model.Sha256, config.NLayers, config.NHeads, config.DModel, config.DHead, config.DMlp,
            config.DVocab, config.NCtx, config.IsAttentionOnly, config.Normalization is Normalization.LayerNorm ? "LN" : "none");
    }
}
