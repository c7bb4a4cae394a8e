using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tests.Checkpoints;

namespace SubspaceCircuits.Tests.Models;

public class ModelFolderTests
{
    [Fact]
    public void Gpt2_configuration_is_honoured()
    {
        using var model = ModelFolder.Read(GoldenModel.Folder("gpt2-gelu-new"));

        Assert.Equal(new ModelConfig { NLayers = 2, NHeads = 2, DModel = 8, DHead = 4, DMlp = 32, DVocab = 11, NCtx = 12, Epsilon = 1e-3 }, model.Weights.Config);
        Assert.Equal("gpt2-gelu-new", model.Name);
        Assert.Equal(GoldenModel.Folder("gpt2-gelu-new"), model.Folder);
        Assert.Equal("model.safetensors", Path.GetFileName(model.WeightsFile));
        Assert.Equal("251d085d60427c56c44458a83d725cd3427c8496132bb53a9edfdffcb7530133", model.Sha256);
        Same.Tensors(model.Weights.WE.T, model.Weights.WU);
        Assert.True(model.Weights.BU.eq(0).all().item<bool>());
    }

    [Fact]
    public void TransformerLens_configuration_is_read_from_the_shapes()
    {
        using var model = ModelFolder.Read(GoldenModel.Folder("attention-only"));

        Assert.Equal(new ModelConfig { NLayers = 2, NHeads = 3, DModel = 8, DHead = 4, DVocab = 9, NCtx = 10 }, model.Weights.Config);
        Assert.True(model.Weights.Config.IsAttentionOnly);
    }

    [Theory]
    [InlineData("mlp-gelu", 2, 3, Activation.Gelu, Normalization.LayerNorm, 0.02)]
    [InlineData("mlp-relu", 1, 5, Activation.Relu, Normalization.None, 1e-5)]
    public void TransformerLens_configuration_is_read_from_its_file(string name, int layers, int dHead, Activation activation, Normalization normalization, double epsilon)
    {
        using var model = ModelFolder.Read(GoldenModel.Folder(name));

        var expected = new ModelConfig
        {
            NLayers = layers,
            NHeads = 2,
            DModel = 8,
            DHead = dHead,
            DMlp = 10,
            DVocab = 9,
            NCtx = 8,
            Activation = activation,
            Normalization = normalization,
            Epsilon = epsilon,
        };
        Assert.Equal(expected, model.Weights.Config);
    }

    [Fact]
    public void File_of_weights_stands_for_its_folder()
    {
        using var folder = ModelFolder.Read(GoldenModel.Folder("attention-only") + Path.DirectorySeparatorChar);
        using var file = ModelFolder.Read(Path.Combine(GoldenModel.Folder("attention-only"), "weights.safetensors"));

        Assert.Equal("attention-only", folder.Name);
        Assert.Equal("weights", file.Name);
        Assert.Equal(folder.Sha256, file.Sha256);
        Assert.Equal(folder.Folder, file.Folder);
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Written_model_reads_back_bit_for_bit(string name)
    {
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Read(GoldenModel.Folder(name));

        ModelFolder.Write(folder["once"], original.Weights);
        using var copy = ModelFolder.Read(folder["once"]);
        ModelFolder.Write(folder["twice"], copy.Weights);

        Assert.Equal(original.Weights.Config, copy.Weights.Config);
        Assert.Equal(original.Weights.Named().Select(pair => pair.Name), copy.Weights.Named().Select(pair => pair.Name));
        foreach (var (before, after) in original.Weights.Named().Zip(copy.Weights.Named()))
            Same.Tensors(before.Tensor, after.Tensor);
        foreach (var file in (string[])["config.json", "model.safetensors"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder["once"], file)), File.ReadAllBytes(Path.Combine(folder["twice"], file)));
    }

    // Hugging Face's own checkpoints of GPT-2 have no prefix and carry the causal mask along; fine-tuned ones may be untied.
    [Fact]
    public void Gpt2_variants_of_names_are_read()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Read(GoldenModel.Folder("gpt2-gelu-new"));
        File.Copy(Path.Combine(original.Folder, "config.json"), folder["config.json"]);
        using var state = Safetensors.Read(original.WeightsFile);
        var tensors = state.Names.ToDictionary(tensor => tensor["transformer.".Length..], state.Peek);
        tensors["h.0.attn.bias"] = ones(1, 1, 12, 12).tril();
        tensors["h.1.attn.masked_bias"] = tensor(-1e4f);
        tensors["lm_head.weight"] = original.Weights.WE * 2;
        Safetensors.Write(folder["model.safetensors"], tensors);

        using var variant = ModelFolder.Read(folder[""]);

        Same.Tensors(original.Weights.Blocks[1].Attention.WK, variant.Weights.Blocks[1].Attention.WK);
        Same.Tensors(original.Weights.WU * 2, variant.Weights.WU);
    }

    // As Windows editors and PowerShell write it.
    [Fact]
    public void Configuration_may_begin_with_a_byte_order_mark()
    {
        using var folder = new TemporaryFolder();
        using var original = ModelFolder.Read(GoldenModel.Folder("gpt2-gelu-new"));
        File.Copy(original.WeightsFile, folder["model.safetensors"]);
        folder.Write("config.json", [0xEF, 0xBB, 0xBF, .. File.ReadAllBytes(Path.Combine(original.Folder, "config.json"))]);

        using var copy = ModelFolder.Read(folder[""]);

        Assert.Equal(original.Weights.Config, copy.Weights.Config);
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Disposed_model_leaves_no_tensor(string name)
    {
        ModelFolder.Read(GoldenModel.Folder(name)).Dispose();
        var before = Tensor.TotalCount;

        ModelFolder.Read(GoldenModel.Folder(name)).Dispose();

        Assert.Equal(before, Tensor.TotalCount);
    }
}
