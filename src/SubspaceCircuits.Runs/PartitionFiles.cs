using System.Text.Json.Serialization;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Labels;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>A partition on disk: <c>partition.json</c> and <c>rotation.safetensors</c> in one folder.</summary>
public static class PartitionFiles
{
    private const string Schema = "subspace-circuits/partition/1";

    /// <summary>What a partition from elsewhere must say of itself; the rest of the document is about how it was found.</summary>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record EssentialDocument(string Schema, string? Site, IReadOnlyList<int> Sizes);

    /// <summary>Least share of variance for which a subspace is called after a variable.</summary>
    public const double LabelShare = 0.3;

    /// <summary>Least part of what a variable explains at a site for which a subspace without a label is called after it.</summary>
    public const double LabelCapture = 0.5;

    /// <summary>Writes a partition; the JSON comes last, so a folder that has one is whole.</summary>
    /// <param name="folder">Folder, made when it is not there.</param>
    /// <param name="result">What was found.</param>
    /// <param name="shares">For each known variable the share of each subspace's variance that it explains.</param>
    /// <param name="readings">What is decodable from each subspace; null where no variable is known.</param>
    public static PartitionDocument Write(string folder, PartitionResult result, IReadOnlyDictionary<string, double[]> shares, IReadOnlyList<SubspaceLabel>? readings = null)
    {
        var partition = result.Partition;
        Directory.CreateDirectory(folder);
        Safetensors.Write(Path.Combine(folder, "rotation.safetensors"),
            new Dictionary<string, Tensor> { ["rotation"] = partition.R, ["mean"] = partition.Mean, ["covariance"] = partition.Covariance });
        var variance = partition.Variances();
        Dictionary<string, double>[] perSubspace = [.. Enumerable.Range(0, partition.Count).Select(unit => shares.ToDictionary(pair => pair.Key, pair => Math.Round(pair.Value[unit], 4)))];
        Dictionary<string, double>[] captured = [.. Enumerable.Range(0, partition.Count).Select(unit => shares.ToDictionary(pair => pair.Key, pair => Captured(pair.Value, variance, unit)))];
        var document = new PartitionDocument(Schema, partition.Site?.ToString(), partition.Site?.HookPoint.Name, partition.Sizes, variance, result.Distances.Average(),
            result.Distances, Jagged.Rows(result.NormalizedInformation), perSubspace, captured, [.. perSubspace.Zip(captured, Label)], result.Strategy, result.Steps, result.Activations,
            result.Search.Audited > 0 ? new LookaheadDocument(result.Search.Audited, result.Search.Agreement, result.Search.LossExcess) : null,
            result.Discovery is { } found ? DiscoveryDocument.Of(found) : null, readings);
        Json.Write(Path.Combine(folder, "partition.json"), document);
        return document;
    }

    /// <summary>Reads the document of a partition.</summary>
    public static PartitionDocument ReadDocument(string folder)
    {
        var path = Path.Combine(folder, "partition.json");
        var document = Json.Read<PartitionDocument>(path);
        return document.Schema == Schema ? document : throw new CheckpointException(path, $"expected schema '{Schema}', but found '{document.Schema}'");
    }

    /// <summary>Reads a partition; the caller disposes it.</summary>
    /// <exception cref="CheckpointException">A file is missing or damaged, or the two do not fit.</exception>
    public static Partition Read(string folder)
    {
        var path = Path.Combine(folder, "partition.json");
        var document = Json.Read<EssentialDocument>(path);
        if (document.Schema != Schema)
            throw new CheckpointException(path, $"expected schema '{Schema}', but found '{document.Schema}'");
        using var scope = NewDisposeScope();
        using var tensors = Safetensors.Read(Path.Combine(folder, "rotation.safetensors"));
        var d = document.Sizes.Sum(size => (long)size);
        var rotation = tensors.Take("rotation", d, d).to(ScalarType.Float32);
        var mean = tensors.Take("mean", d).to(ScalarType.Float32);
        var covariance = tensors.Take("covariance", d, d).to(ScalarType.Float32);
        tensors.RequireAllTaken();
        try
        {
            return new Partition(document.Site is null ? null : Site.Parse(document.Site), rotation, document.Sizes, mean, covariance);
        }
        catch (Exception inner) when (inner is ArgumentException or FormatException)
        {
            throw new CheckpointException(folder, inner.Message.TrimEnd('.'), inner);
        }
    }

    /// <summary>Reads every partition under a folder, one subfolder each; the caller disposes them.</summary>
    public static IReadOnlyList<Partition> ReadAll(string folder)
    {
        if (!Directory.Exists(folder))
            throw new CheckpointException(folder, "expected a folder with one partition in each subfolder, but there is none");
        return [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Where(path => File.Exists(Path.Combine(path, "partition.json"))).Select(Read)];
    }

    /// <summary>Which part of all that a variable explains at the site lies in one subspace.</summary>
    private static double Captured(double[] shares, double[] variance, int unit)
    {
        var total = shares.Zip(variance, (share, size) => share * size).Sum();
        return total > 0 ? Math.Round(shares[unit] * variance[unit] / total, 4) : 0;
    }

    /// <summary>
    /// The variables that explain most of a subspace, at most two; where none explains enough, those that it holds most of; else "mixed".
    /// </summary>
    private static string Label(Dictionary<string, double> shares, Dictionary<string, double> captured)
    {
        string[] Names(Dictionary<string, double> by, double least) => [.. by.Where(pair => pair.Value >= least).OrderByDescending(pair => pair.Value).Take(2).Select(pair => pair.Key.Replace('_', ' '))];
        var names = Names(shares, LabelShare) is { Length: > 0 } explained ? explained : Names(captured, LabelCapture);
        return names.Length > 0 ? string.Join(" + ", names) : "mixed";
    }
}
