using System.Security.Cryptography;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Models;

/// <summary>A model as it lies on disk: its weights and where they came from. Owns the weights and disposes them.</summary>
/// <param name="Name">Name of the folder, or of the file without its ending.</param>
/// <param name="Folder">Folder that holds it.</param>
/// <param name="WeightsFile">File of the weights.</param>
/// <param name="Sha256">Hash of that file, in hexadecimal.</param>
/// <param name="Weights">The weights, float32.</param>
public sealed record ModelOnDisk(string Name, string Folder, string WeightsFile, string Sha256, Weights Weights) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}

/// <summary>Finds out which layout a path has, and reads it; writes this project's own.</summary>
/// <remarks>
/// Read: the Hugging Face GPT-2 layout (<c>config.json</c>, <c>model.safetensors</c>); TransformerLens state dicts (<c>.pt</c> or
/// <c>.safetensors</c>, with <c>model_config.json</c> beside them or from their shapes); this project's own folders.
/// </remarks>
public static class ModelFolder
{
    private static readonly string[] WeightFiles = ["model.safetensors", "weights.pt", "weights.safetensors", "model.pt"];

    /// <summary>Reads a model from a folder or a file of weights.</summary>
    /// <exception cref="CheckpointException">There is no such model, or it is damaged; one line says what was expected and found.</exception>
    public static ModelOnDisk Read(string path)
    {
        var file = File.Exists(path) ? path
            : Directory.Exists(path) ? WeightFiles.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
                ?? throw new CheckpointException(path, $"expected a file of weights ({string.Join(", ", WeightFiles)}), but found none")
            : throw new CheckpointException(path, "expected a model folder or a file of weights, but there is nothing of that name");
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

        using var scope = NewDisposeScope();
        using var state = Path.GetExtension(file) == ".safetensors" ? Safetensors.Read(file) : TorchArchive.ReadStateDict(file);
        var weights = ReadWeights(folder, state);
        return new ModelOnDisk(File.Exists(path) ? Path.GetFileNameWithoutExtension(name) : name, folder, file, Hash(file), weights);
    }

    /// <summary>Writes a model: <c>config.json</c> and <c>model.safetensors</c> with TransformerLens's names.</summary>
    /// <param name="folder">Folder, made when it is not there.</param>
    /// <param name="weights">The model.</param>
    public static void Write(string folder, Weights weights)
    {
        Directory.CreateDirectory(folder);
        Safetensors.Write(Path.Combine(folder, "model.safetensors"), weights.Named().ToDictionary(pair => pair.Name, pair => pair.Tensor));
        ConfigJson.Write(Path.Combine(folder, "config.json"), weights.Config);
    }

    private static Weights ReadWeights(string folder, StateDict state)
    {
        var config = Path.Combine(folder, "config.json");
        var lensConfig = Path.Combine(folder, "model_config.json");
        if (File.Exists(config) && ConfigJson.IsGpt2(config))
            return Gpt2Layout.Read(state, config);
        if (File.Exists(config))
            return TransformerLensLayout.Read(state, ConfigJson.Read(config), config);
        return File.Exists(lensConfig)
            ? TransformerLensLayout.Read(state, TransformerLensLayout.ReadConfig(state, lensConfig), lensConfig)
            : TransformerLensLayout.Read(state, TransformerLensLayout.ReadConfig(state, null), state.Source);
    }

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
