using System.Text;
using CsCheck;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tests.Checkpoints;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Tests.Training;

/// <summary>Checkpoints with all kinds of damage: a training goes on from them, or refuses them in one line that names the file.</summary>
public sealed class TrainingCheckpointTests : IDisposable
{
    private static readonly Recipe Recipe = new(Recipe.CurrentSchema, "unique_token_pattern:characters=4,longest=2", new RecipeModel { DModel = 8, NLayers = 1, AttnOnly = true },
        new TrainingSettings { Steps = 4, BatchSize = 2, From = 2, To = 2, ValidateEvery = 2, ValidationSamples = 2, TargetAccuracy = 2 });

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _original;
    private int _runs;

    public TrainingCheckpointTests()
    {
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => TrainingRun.Run(_folder["stopped"], Recipe, 1, 100, 0, new Stop(source), source.Token));
        _original = File.ReadAllBytes(_folder["stopped", "checkpoint.safetensors"]);
    }

    private sealed class Stop(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == 3)
                source.Cancel();
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Undamaged_checkpoint_is_gone_on_from() => Assert.True(IsGoneOnFrom(_original));

    [Fact]
    public void Truncated_checkpoint_is_refused()
    {
        for (var length = 0; length < _original.Length; length += 97)
            Assert.False(IsGoneOnFrom(_original[..length]), $"{length} bytes");
    }

    [Fact]
    public void Mutants_are_gone_on_from_or_refused()
    {
        var header = 8 + (int)BitConverter.ToUInt64(_original);
        var mutants = Gen.OneOf(Mutation.Flips(_original[..header]).Select(mutant => (byte[])[.. mutant, .. _original[header..]]), Mutation.Flips(_original),
            Mutation.Pieces(_original), Mutation.HeaderNumbers(_original), Mutation.HeaderLength(_original));
        var refused = 0;

        mutants.Sample(mutant => { refused += IsGoneOnFrom(mutant) ? 0 : 1; }, iter: 400, threads: 1);

        Assert.InRange(refused, 100, 399);
    }

    [Theory]
    [InlineData("\"step\":\"3\"", "\"step\":\"5\"")] // beyond the recipe's steps
    [InlineData("\"step\":\"3\"", "\"step\":\"-3\"")]
    [InlineData("\"step\":\"3\"", "\"step\":\"4294967299\"")] // 2³² + 3
    [InlineData("\"step\":\"3\"", "\"steq\":\"3\"")]
    [InlineData("\"accuracy\":\"", "\"accuracy\":\"x")]
    [InlineData("\"repeats\":\"", "\"repeats\":\"x")]
    [InlineData("\"seed\\\":0", "\"seed\\\":1")]
    [InlineData("\"values\"", "\"valves\"")]
    [InlineData("\"F32\"", "\"I32\"")]
    public void Header_that_says_something_else_is_refused(string said, string instead)
    {
        var length = (int)BitConverter.ToUInt64(_original);
        var json = Encoding.UTF8.GetString(_original, 8, length);
        Assert.Contains(said, json, StringComparison.Ordinal);

        var mutant = Encoding.UTF8.GetBytes(json.Replace(said, instead, StringComparison.Ordinal));

        Assert.False(IsGoneOnFrom([.. BitConverter.GetBytes((ulong)mutant.Length), .. mutant, .. _original[(8 + length)..]]));
    }

    // A run of an analysis has a metrics.jsonl too, which a training once took for its own and emptied.
    [Fact]
    public void Run_of_an_analysis_is_refused_and_stays_as_it_is()
    {
        var run = Directory.CreateDirectory(_folder["run"]).FullName;
        _folder.Write(Path.Combine("run", "run.json"), "{}");
        var metrics = _folder.Write(Path.Combine("run", "metrics.jsonl"), "{\"stage\":\"partition x0.pre\"}\n");

        Refused.Line(run, () => TrainingRun.Run(run, Recipe, 1, 100));

        Assert.Equal("{\"stage\":\"partition x0.pre\"}\n", File.ReadAllText(metrics));
        Assert.Equal(2, Directory.GetFileSystemEntries(run).Length);
    }

    [Fact]
    public void Recipe_that_is_a_folder_is_refused_in_one_line() => Refused.Line(_folder.Root, () => Recipe.Read(_folder.Root));

    /// <summary>Whether a training goes on from a checkpoint; anything but this or a refusal in one line fails the test.</summary>
    private bool IsGoneOnFrom(byte[] checkpoint)
    {
        var folder = Directory.CreateDirectory(_folder[$"run{_runs++}"]).FullName;
        File.WriteAllBytes(Path.Combine(folder, "checkpoint.safetensors"), checkpoint);
        try
        {
            TrainingRun.Run(folder, Recipe, 1, 100);
            return true;
        }
        catch (CheckpointException error)
        {
            Assert.DoesNotContain('\n', error.Message);
            Assert.Contains("checkpoint.safetensors", error.Message, StringComparison.Ordinal);
            Assert.Equal(checkpoint, File.ReadAllBytes(Path.Combine(folder, "checkpoint.safetensors")));
            return false;
        }
        catch (InvalidOperationException error) when (error.Message.Contains("no longer finite", StringComparison.Ordinal))
        {
            return true; // a changed weight, which nothing marks as damage
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
