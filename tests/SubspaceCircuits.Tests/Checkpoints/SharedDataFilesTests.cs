using System.Text.Json;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Tests.Checkpoints;

/// <summary>Reads other people's files as they are in the wild.</summary>
public class SharedDataFilesTests
{
    private const string RotationName = "R.parametrizations.weight.0.base";

    // The published rotations were trained in float32 for many steps; their columns' norms are off by up to 1.3e-4.
    private const double OrthogonalityTolerance = 5e-4;

    [Theory]
    [InlineData("copy_transformer/partitions/copy_transformer/R-custom-x0.post.pt", 64)]
    [InlineData("copy_transformer/partitions/copy_transformer/R-custom-x1.post.pt", 64)]
    [InlineData("copy_transformer/partitions/copy_transformer_sensible_sp_parameters/R-custom-x0.post.pt", 64)]
    [InlineData("copy_transformer/partitions/copy_transformer_sensible_sp_parameters/R-custom-x1.post.pt", 64)]
    [InlineData("gpt2_partitions/R-gpt2-x4.post.pt", 768)]
    [InlineData("gpt2_partitions/R-gpt2-x9.post.pt", 768)]
    public void Published_rotation_is_orthogonal(string file, long width)
    {
        using var state = TorchArchive.ReadStateDict(SharedData.PathOrSkip(file));
        using var scope = NewDisposeScope();

        var R = state.Take(RotationName, width, width).to(float64); // [d_model, d_model]
        state.RequireAllTaken();

        Assert.InRange((R.T.matmul(R) - eye(width, dtype: float64)).abs().max().item<double>(), 0, OrthogonalityTolerance);
    }

    [Fact]
    public void Copy_transformer_has_thirty_tensors()
    {
        using var state = TorchArchive.ReadStateDict(SharedData.PathOrSkip("copy_transformer/copy_transformer.pt"));
        using var scope = NewDisposeScope();

        Assert.Equal(30, state.Names.Count);
        Assert.Equal([30, 64], state.Peek("embed.W_E").shape);
        Assert.Equal(ScalarType.Bool, state.Take("blocks.0.attn.mask", 32, 32).dtype);
        Assert.Equal(float.NegativeInfinity, state.Take("blocks.1.attn.IGNORE").item<float>());
        Assert.True(state.Take("unembed.W_U", 64, 30).isfinite().all().item<bool>());
    }

    [Fact]
    public void Cached_activations_are_one_half_precision_tensor()
    {
        using var scope = NewDisposeScope();

        var activations = TorchArchive.ReadTensor(SharedData.PathOrSkip("copy_transformer/activations/x0.post.pt"));

        Assert.Equal(ScalarType.Float16, activations.dtype);
        Assert.Equal(2, activations.shape.Length);
        Assert.Equal(64, activations.shape[1]);
        Assert.True(activations.isfinite().all().item<bool>());
    }

    [Fact]
    public void Saved_models_have_the_tensors_of_their_configuration()
    {
        var models = Directory.GetDirectories(SharedData.PathOrSkip("models"));

        Assert.Equal(22, models.Length);
        foreach (var model in models)
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(model, "config.json")));
            long Size(string name) => config.RootElement.GetProperty(name).GetInt64();
            using var state = Safetensors.Read(Path.Combine(model, "model.safetensors"));
            using var scope = NewDisposeScope();
            var (width, layers) = (Size("n_embd"), Size("n_layer"));

            Assert.Equal("pt", Safetensors.ReadMetadata(state.Source)["format"]);
            Assert.Equal(4 + 12 * layers, state.Names.Count);
            foreach (var name in state.Names)
            {
                Assert.Equal(ScalarType.Float32, state.Peek(name).dtype);
                Assert.True(state.Peek(name).isfinite().all().item<bool>(), $"{state.Source} {name}");
            }
            state.Take("transformer.wte.weight", Size("vocab_size"), width);
            state.Take("transformer.wpe.weight", Size("n_positions"), width);
            state.Take($"transformer.h.{layers - 1}.attn.c_attn.weight", width, 3 * width);
            state.Take($"transformer.h.{layers - 1}.mlp.c_proj.weight", 4 * width, width);
        }
    }

    [Fact]
    public void Rewritten_model_is_the_same_file()
    {
        var original = SharedData.PathOrSkip("models/bce_D2-@1l1h16d3lr00drop/model.safetensors");
        using var folder = new TemporaryFolder();
        using var state = Safetensors.Read(original);

        Safetensors.Write(folder["t"], state.Names.ToDictionary(name => name, state.Peek), Safetensors.ReadMetadata(original));

        Assert.Equal(File.ReadAllBytes(original), File.ReadAllBytes(folder["t"]));
    }
}
