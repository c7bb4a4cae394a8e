using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Rotations;
using SubspaceCircuits.Subspaces.Search;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>
/// The state of a search for a partition that is not finished: one safetensors file, replaced as a whole every half minute, with the strategy and the
/// counters in its header.
/// </summary>
/// <param name="folder">Folder of the partition.</param>
/// <param name="strategy">The strategy.</param>
/// <param name="activations">What is partitioned.</param>
public sealed class PartitionCheckpoint(string folder, PartitionStrategy strategy, Tensor activations) : IPartitionCheckpoint
{
    private const string FileName = "checkpoint.safetensors", StrategyKey = "strategy", ActivationsKey = "activations_sha256", StateKey = "state";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly string _path = Path.Combine(folder, FileName);
    private readonly Lazy<string> _digest = new(() => Digest(activations));
    private readonly Stopwatch _since = Stopwatch.StartNew();

    /// <summary>Called when the state has been written.</summary>
    public Action? Written { get; set; }

    private sealed record CheckFields(int Step, IReadOnlyList<int> Sizes, IReadOnlyList<IReadOnlyList<int>> Groups);

    private sealed record BestFields(double Loss, IReadOnlyList<int> Sizes, IReadOnlyList<CheckFields> Checks);

    private sealed record Fields(int Start, int StepsBefore, long SourceRows, int Steps, int SinceMerge, IReadOnlyList<int> Sizes, int AdamSteps, long QueryBlock, int NextQuery,
        IReadOnlyList<CheckFields> Checks, BestFields? Best, SearchStatistics SearchBefore, SearchStatistics Search);

    /// <summary>Where a search was, or null when it was not begun.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or of another strategy.</exception>
    public PartitionSearchState? Read()
    {
        if (!File.Exists(_path))
            return null;
        var metadata = Safetensors.ReadMetadata(_path);
        if (metadata.GetValueOrDefault(StrategyKey) != JsonSerializer.Serialize(strategy, Json.Compact))
            throw new CheckpointException(_path, "is of a search with other settings; give another folder with --out, or remove it");
        if (metadata.GetValueOrDefault(ActivationsKey) != _digest.Value)
            throw new CheckpointException(_path, "is of a search on other activations; give another folder with --out, or remove it");
        try
        {
            var fields = JsonSerializer.Deserialize<Fields>(metadata.GetValueOrDefault(StateKey) ?? "null", Json.Compact) ?? throw new JsonException("the header has no state");
            using var scope = NewDisposeScope();
            using var tensors = Safetensors.Read(_path);
            var d = fields.Sizes.Sum();
            double[] Matrix(string name) => [.. tensors.Take(name, d, d).to(float64).data<double>()];
            List<MergeCheck> Checks(string prefix, IReadOnlyList<CheckFields> checks) => [.. checks.Select((check, i) =>
            {
                var flat = tensors.Take($"{prefix}{i}", check.Sizes.Count, check.Sizes.Count).data<double>().ToArray();
                var square = new double[check.Sizes.Count, check.Sizes.Count];
                Buffer.BlockCopy(flat, 0, square, 0, flat.Length * sizeof(double));
                return new MergeCheck(check.Step, check.Sizes, square, check.Groups);
            })];
            var rotation = new RotationState(Matrix("base"), Matrix("x"), Matrix("first_moment"), Matrix("second_moment"), fields.AdamSteps);
            var training = new PartitionTrainingState(fields.Steps, fields.SinceMerge, fields.Sizes, rotation, fields.QueryBlock, fields.NextQuery, [.. tensors.Take("center", -1).data<float>()], Checks("check.", fields.Checks), fields.Search);
            var best = fields.Best is { } found ? new PartitionBest(found.Loss, [.. tensors.Take("best", d, d).data<float>()], found.Sizes, Checks("best_check.", found.Checks)) : null;
            return new PartitionSearchState(fields.Start, fields.StepsBefore, fields.SearchBefore, fields.SourceRows, training, best);
        }
        catch (JsonException inner)
        {
            throw new CheckpointException(_path, $"has a damaged state: {inner.Message}", inner);
        }
    }

    /// <inheritdoc/>
    public void Note(Func<PartitionSearchState> state)
    {
        if (_since.Elapsed < Interval)
            return;
        Stop(state());
        _since.Restart();
    }

    /// <inheritdoc/>
    public void Stop(PartitionSearchState state)
    {
        Write(state);
        Written?.Invoke();
    }

    /// <summary>Removes the file of a search that is finished.</summary>
    public void Remove() => File.Delete(_path);

    private void Write(PartitionSearchState state)
    {
        using var scope = NewDisposeScope();
        var (training, d) = (state.Training, state.Training.Sizes.Sum());
        Dictionary<string, Tensor> tensors = new()
        {
            ["base"] = tensor(training.Rotation.Base, [d, d]),
            ["x"] = tensor(training.Rotation.X, [d, d]),
            ["first_moment"] = tensor(training.Rotation.FirstMoment, [d, d]),
            ["second_moment"] = tensor(training.Rotation.SecondMoment, [d, d]),
            ["center"] = tensor([.. training.Center]),
        };
        List<CheckFields> Checks(string prefix, IReadOnlyList<MergeCheck> checks)
        {
            for (var i = 0; i < checks.Count; i++)
                tensors[$"{prefix}{i}"] = tensor([.. checks[i].NormalizedInformation.Cast<double>()], [checks[i].Sizes.Count, checks[i].Sizes.Count]);
            return [.. checks.Select(check => new CheckFields(check.Step, check.Sizes, check.Groups))];
        }

        if (state.Best is { } found)
            tensors["best"] = tensor([.. found.Rotation], [d, d]);
        var best = state.Best is { } one ? new BestFields(one.Loss, one.Sizes, Checks("best_check.", one.Checks)) : null;
        var fields = new Fields(state.Start, state.StepsBefore, state.SourceRows, training.Steps, training.SinceMerge, training.Sizes, training.Rotation.Steps, training.QueryBlock, training.NextQuery, Checks("check.", training.Checks), best, state.SearchBefore, training.Search);
        Directory.CreateDirectory(folder);
        Safetensors.Write(_path, tensors, new Dictionary<string, string>
        {
            [StrategyKey] = JsonSerializer.Serialize(strategy, Json.Compact),
            [ActivationsKey] = _digest.Value,
            [StateKey] = JsonSerializer.Serialize(fields, Json.Compact),
        });
    }

    private static string Digest(Tensor activations)
    {
        const int RowsAtOnce = 1 << 16;
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in activations.split(RowsAtOnce, dim: 0))
            hash.AppendData(part.cpu().contiguous().bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
