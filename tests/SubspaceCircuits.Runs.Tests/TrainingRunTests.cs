using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Tests;

public sealed class TrainingRunTests
{
    private static readonly Recipe Small = new(Recipe.CurrentSchema, "unique_token_pattern", new RecipeModel { DModel = 8, AttnOnly = true },
        new TrainingSettings { Steps = 60, BatchSize = 8, From = 2, To = 6, ValidateEvery = 25, ValidationSamples = 40, Dropout = 0.1, TargetAccuracy = 2 });

    [Theory]
    [InlineData(1, 17)]
    [InlineData(20, 33)]
    [InlineData(1000, 59)]
    public void Stopped_training_goes_on_to_the_same_bytes(int checkpointEvery, int stopAfter)
    {
        using var folder = new TemporaryFolder();
        Train(folder["whole"], Small);

        StopAfter(folder["stopped"], checkpointEvery, stopAfter);
        Train(folder["stopped"], Small, 2, checkpointEvery);

        foreach (var file in (string[])["model.safetensors", "metrics.jsonl", "training.json", "task.json", "config.json"])
            Assert.Equal(File.ReadAllBytes(folder["whole", file]), File.ReadAllBytes(folder["stopped", file]));
        Assert.Equal(Scalars(folder["whole"]), Scalars(folder["stopped"]));
        Assert.False(File.Exists(folder["stopped", "checkpoint.safetensors"]));
    }

    [Fact]
    public void Events_for_TensorBoard_hold_what_the_metrics_say()
    {
        using var folder = new TemporaryFolder();
        Train(folder["model"], Small);

        var lines = File.ReadAllLines(folder["model", "metrics.jsonl"]).Select(line => JsonSerializer.Deserialize<TrainingMetric>(line, Json.Compact)!).ToArray();
        var events = Scalars(folder["model"]);

        Assert.Equal([10, 20, 25, 30, 40, 50, 60], lines.Select(line => line.Step));
        Assert.Equal([25, 50], lines.Where(line => line.Accuracy is not null).Select(line => line.Step));
        var expected = lines.SelectMany(line => new (string, long, float)[] { ("train/loss", line.Step, (float)line.Loss), ("train/gradient_norm", line.Step, (float)line.GradientNorm), ("train/learning_rate", line.Step, (float)line.LearningRate) }
            .Concat(line.Accuracy is { } accuracy ? [("validation/accuracy", line.Step, (float)accuracy)] : []));
        Assert.Equal(expected, events);
    }

    [Fact]
    public void Damaged_or_foreign_checkpoint_is_refused_in_one_line()
    {
        using var folder = new TemporaryFolder();
        StopAfter(folder["model"], 1000, 20);
        var path = folder["model", "checkpoint.safetensors"];
        var whole = File.ReadAllBytes(path);
        var random = new Random(1);

        var other = Small with { Settings = Small.Settings with { Seed = 1 } };
        Assert.Contains("another task, model, settings or seed", Refused(() => Train(folder["model"], other)), StringComparison.Ordinal);
        foreach (var length in (int[])[0, 7, 100, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(path, whole[..length]);
            Refused(() => Train(folder["model"], Small));
        }

        for (var mutation = 0; mutation < 200; mutation++)
        {
            var bytes = whole.ToArray();
            bytes[random.Next(400)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, bytes);
            try
            {
                using var stop = new CancellationTokenSource();
                stop.Cancel();
                TrainingRun.Run(folder["model"], Small, 1, 1000, cancellation: stop.Token);
            }
            catch (Exception outcome) when (outcome is OperationCanceledException or CheckpointException)
            {
            }
        }
    }

    [Fact]
    public void Line_of_metrics_that_a_kill_cut_off_is_dropped()
    {
        using var folder = new TemporaryFolder();
        Train(folder["whole"], Small);
        StopAfter(folder["model"], 1000, 30);
        File.AppendAllText(folder["model", "metrics.jsonl"], "{\"step\":40,\"lo");

        Train(folder["model"], Small);

        Assert.Equal(File.ReadAllText(folder["whole", "metrics.jsonl"]), File.ReadAllText(folder["model", "metrics.jsonl"]));
    }

    [Fact]
    public void Folder_that_is_finished_or_holds_something_else_is_refused_and_stays_as_it_is()
    {
        using var folder = new TemporaryFolder();
        Train(folder["done"], Small);
        Directory.CreateDirectory(folder["notes"]);
        File.WriteAllText(folder["notes", "thesis.txt"], "mine");

        Assert.Contains("holds a trained model", Refused(() => Train(folder["done"], Small)), StringComparison.Ordinal);
        Assert.Contains("is not empty", Refused(() => Train(folder["notes"], Small)), StringComparison.Ordinal);
        Assert.Equal(["thesis.txt"], Directory.GetFileSystemEntries(folder["notes"]).Select(Path.GetFileName));
    }

    [Fact]
    public void Kept_models_are_the_training_at_their_step()
    {
        using var folder = new TemporaryFolder();
        Train(folder["model"], Small, saveEvery: 20);
        Train(folder["short"], Small with { Settings = Small.Settings with { Steps = 60, TargetAccuracy = 2 } });

        Assert.Equal(["20", "40", "60"], Directory.GetDirectories(folder["model", "steps"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var twenty = ModelFolder.Read(folder["model", "steps", "20"]);
        Assert.Equal(File.ReadAllBytes(folder["model", "model.safetensors"]), File.ReadAllBytes(folder["model", "steps", "60", "model.safetensors"]));
        Assert.Equal(File.ReadAllBytes(folder["short", "model.safetensors"]), File.ReadAllBytes(folder["model", "model.safetensors"]));
        Assert.NotEqual(File.ReadAllBytes(folder["model", "model.safetensors"]), File.ReadAllBytes(folder["model", "steps", "20", "model.safetensors"]));
    }

    [Fact]
    public void Recipe_is_read_as_it_was_written_and_unknown_fields_are_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder["recipe.json"];
        Json.Write(path, Small);

        Assert.True(Json.Same(Small, Recipe.Read(path)));
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"steps\"", "\"stepps\"", StringComparison.Ordinal));
        Assert.Contains("stepps", Refused(() => Recipe.Read(path)), StringComparison.Ordinal);
        Json.Write(path, Small with { Schema = "subspace-circuits/recipe/9" });
        Assert.Contains("recipe/9", Refused(() => Recipe.Read(path)), StringComparison.Ordinal);
    }

    private static TrainingDocument Train(string folder, Recipe recipe, int threads = 1, int checkpointEvery = 1000, int saveEvery = 0) =>
        TrainingRun.Run(folder, recipe, threads, checkpointEvery, saveEvery, cancellation: TestContext.Current.CancellationToken);

    private static void StopAfter(string folder, int checkpointEvery, int steps)
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => TrainingRun.Run(folder, Small, 1, checkpointEvery, progress: new StopAt(steps, stop), cancellation: stop.Token));
    }

    private static string Refused(Action action)
    {
        var message = Assert.Throws<CheckpointException>(action).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    /// <summary>The scalars of the one event file, read from TFRecord frames and protobuf by hand; every frame's checksums are checked.</summary>
    private static List<(string Tag, long Step, float Value)> Scalars(string folder)
    {
        var bytes = File.ReadAllBytes(Assert.Single(Directory.GetFiles(Path.Combine(folder, "tensorboard"))));
        List<(string, long, float)> scalars = [];
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(Masked(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            var record = bytes.AsSpan(at + 12, length);
            Assert.Equal(Masked(record), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            at += 16 + length;
            // Event: 2 = step, 5 = summary; summary: 1 = value; value: 1 = tag, 2 = simple_value.
            var fields = Protobuf.Fields(record.ToArray());
            if (!fields.TryGetValue(5, out var summary))
                continue;
            var value = Protobuf.Fields(Protobuf.Fields((byte[])summary)[1] as byte[] ?? []);
            scalars.Add((Encoding.UTF8.GetString((byte[])value[1]), (long)(ulong)fields[2], BitConverter.UInt32BitsToSingle((uint)value[2])));
        }

        return scalars;
    }

    /// <summary>TFRecord's masked CRC-32C.</summary>
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u);
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
    }

    private sealed class StopAt(int steps, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step >= steps)
                stop.Cancel();
        }
    }
}
