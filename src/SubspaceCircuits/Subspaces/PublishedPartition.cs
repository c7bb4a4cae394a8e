using System.Text.Json;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Subspaces;

/// <summary>
/// Reads the rotations that the authors of the method published: <c>R-{model}-{site}.pt</c>, with the sizes in
/// <c>R_config-{model}-{site}.json</c> beside it. They come without moments of the activations.
/// </summary>
public static class PublishedPartition
{
    private const string Prefix = "R-", ConfigPrefix = "R_config-", Key = "R.parametrizations.weight.0.base";

    /// <summary>Reads a rotation and the sizes of its subspaces.</summary>
    /// <param name="rotationFile">Path of <c>R-{model}-{site}.pt</c>.</param>
    /// <returns>R [d_model, d_model], float32, owned by the caller; columns of each subspace, in order.</returns>
    /// <exception cref="CheckpointException">A file is missing or damaged, the sizes do not cover the rotation, or it is not orthogonal.</exception>
    public static (Tensor Rotation, IReadOnlyList<int> Sizes) Read(string rotationFile)
    {
        using var scope = NewDisposeScope();
        var config = ConfigBeside(rotationFile);
        var sizes = ReadSizes(config);
        using var state = TorchArchive.ReadStateDict(rotationFile);
        var rotation = state.Take(Key, -1, -1).to(float32);
        state.RequireAllTaken();

        var (rows, columns) = (rotation.shape[0], rotation.shape[1]);
        if (rows != columns)
            throw new CheckpointException(rotationFile, $"a rotation should be square, but has shape [{rows}, {columns}]");
        if (sizes.Sum(size => (long)size) != columns)
            throw new CheckpointException(config, $"the partition should cover the {columns} columns of the rotation, but covers {sizes.Sum(size => (long)size)}");
        var error = Rotation.OrthogonalityError(rotation);
        if (!(error <= Partition.OrthogonalityTolerance))
            throw new CheckpointException(rotationFile, $"a rotation should be orthogonal within {Partition.OrthogonalityTolerance:g3}, but RᵀR differs from the identity by up to {error:g3}");
        return (rotation.MoveToOuterDisposeScope(), sizes);
    }

    private static string ConfigBeside(string rotationFile)
    {
        var name = Path.GetFileName(rotationFile);
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || Path.GetExtension(name) != ".pt")
            throw new CheckpointException(rotationFile, "expected a file named R-{model}-{site}.pt");
        return Path.Combine(Path.GetDirectoryName(rotationFile) ?? "", ConfigPrefix + Path.ChangeExtension(name[Prefix.Length..], ".json"));
    }

    private static int[] ReadSizes(string config)
    {
        try
        {
            return CheckpointFile.Read(config, stream =>
            {
                using var json = JsonDocument.Parse(stream);
                int[] sizes = [.. json.RootElement.GetProperty("partition").EnumerateArray().Select(size => size.GetInt32())];
                return sizes.Length > 0 && sizes.All(size => size > 0) ? sizes : throw new FormatException("A size is not positive.");
            });
        }
        catch (Exception inner) when (inner is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException(config, "expected {\"partition\": [...]} with the positive sizes of the subspaces", inner);
        }
    }
}
