using System.Text.Json.Nodes;
using CsCheck;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tests.Checkpoints;

namespace SubspaceCircuits.Tests.Models;

/// <summary>Models that cannot be read: each is refused in one line that names the file, the tensor, what was expected and what was found.</summary>
public sealed class DamagedModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("gpt2-gelu-new", "transformer.h.1.mlp.c_fc.bias", "tensor 'transformer.h.1.mlp.c_fc.bias' [32] is missing; the nearest name is 'transformer.h.1.mlp.c_proj.bias' [8]")]
    [InlineData("gpt2-gelu-new", "transformer.wte.weight", "tensor 'transformer.wte.weight' [11, 8] is missing; the nearest name is 'transformer.wpe.weight' [12, 8]")]
    [InlineData("attention-only", "blocks.1.attn.b_O", "tensor 'blocks.1.attn.b_O' [8] is missing; the nearest name is 'blocks.1.attn.mask' [10, 10]")]
    [InlineData("attention-only", "blocks.0.attn.W_Q", "tensor 'blocks.0.attn.W_Q' is missing; the nearest name is")]
    [InlineData("attention-only", "embed.W_E", "tensor 'embed.W_E' is missing; the nearest name is 'unembed.W_U' [8, 9]")]
    [InlineData("mlp-relu", "blocks.0.mlp.W_out", "tensor 'blocks.0.mlp.W_out' [10, 8] is missing; the nearest name is")]
    public void Missing_tensor_is_named_with_its_nearest_neighbour(string model, string missing, string expected)
    {
        var file = CopyWith(model, tensors => tensors.Remove(missing));

        Refused(file, expected);
    }

    [Theory]
    [InlineData("gpt2-gelu-new", "transformer.h.2.ln_1.weight")]
    [InlineData("attention-only", "blocks.0.mlp.W_out")]
    [InlineData("mlp-relu", "ln_final.w")]
    public void Unexpected_tensor_is_named(string model, string extra)
    {
        var file = CopyWith(model, tensors => tensors[extra] = zeros(2));

        Refused(file, $"unexpected tensors '{extra}'.");
    }

    [Theory]
    [InlineData("gpt2-gelu-new", "transformer.h.0.attn.c_attn.weight", "should have shape [8, 24] but has [7]")]
    [InlineData("gpt2-gelu-new", "transformer.wpe.weight", "should have shape [12, 8] but has [7]")]
    [InlineData("attention-only", "blocks.1.attn.W_O", "should have shape [3, 4, 8] but has [7]")]
    [InlineData("mlp-gelu", "blocks.1.mlp.b_in", "should have shape [10] but has [7]")]
    public void Wrong_shape_is_named(string model, string name, string expected)
    {
        var file = CopyWith(model, tensors => tensors[name] = zeros(7));

        Refused(file, $"tensor '{name}' {expected}.");
    }

    [Theory]
    [InlineData("attention-only", "embed.W_E")]
    [InlineData("attention-only", "pos_embed.W_pos")]
    [InlineData("attention-only", "blocks.0.attn.W_Q")]
    [InlineData("mlp-relu", "blocks.0.mlp.W_in")]
    public void Scalar_and_empty_tensor_are_refused_where_sizes_are_read_from_shapes(string model, string name)
    {
        Refused(CopyWith(model, tensors => tensors[name] = tensor(1f)), "");
        Refused(CopyWith(model, tensors => tensors[name] = zeros_like(tensors[name]).narrow(-1, 0, 0)), "");
    }

    [Theory]
    [MemberData(nameof(GoldenModel.Names), MemberType = typeof(GoldenModel))]
    public void Truncated_weights_are_refused(string model)
    {
        var file = CopyWith(model, _ => { });
        var whole = File.ReadAllBytes(file);

        foreach (var length in (int[])[0, 7, 100, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(file, whole[..length]);
            Refused(file, "");
        }
    }

    [Theory]
    [InlineData("", "config.json: expected JSON, but line 1 is not.")]
    [InlineData("{\n\"model_type\": \"gpt2\",\n", "config.json: expected JSON, but line 3 is not.")]
    [InlineData("[1]", "config.json: expected a JSON object, but found Array.")]
    [InlineData("{}", "config.json: expected a GPT-2 configuration (model_type) or one with schema 'subspace-circuits/model/1', but found neither.")]
    [InlineData("""{"model_type": "llama"}""", "field 'model_type' should be gpt2, the one Hugging Face family that is read, but is \"llama\".")]
    [InlineData("""{"schema": "subspace-circuits/model/2"}""", "field 'schema' should be 'subspace-circuits/model/1', but is \"subspace-circuits/model/2\".")]
    [InlineData("""{"schema": "subspace-circuits/model/1", "colour\n": 1}""", "has an unknown field 'colour?'; known are schema, n_layers,")]
    [InlineData("""{"schema": "subspace-circuits/model/1"}""", "field 'n_layers' should be there, but is missing.")]
    public void Configuration_that_is_none_is_refused(string json, string expected)
    {
        CopyWith("gpt2-gelu-new", _ => { });

        File.WriteAllText(folder["config.json"], json);

        Refused(folder[""], expected, folder["config.json"]);
    }

    [Theory]
    [InlineData("activation_function", "\"swish\"", "field 'activation_function' should be 'gelu_new', 'gelu' or 'relu', but is \"swish\".")]
    [InlineData("activation_function", "7", "field 'activation_function' should be a text, but is 7.")]
    [InlineData("activation_function", "\"\\ud800\"", "expected text in its fields, but found half a surrogate pair.")]
    [InlineData("n_layer", "0", "field 'n_layer' should be a positive whole number, but is 0.")]
    [InlineData("n_layer", "\"2\"", "field 'n_layer' should be a positive whole number, but is \"2\".")]
    [InlineData("n_layer", "null", "field 'n_layer' should be a positive whole number, but is null.")]
    [InlineData("n_head", "3", "field 'n_head' should be a divisor of n_embd = 8, but is 3.")]
    [InlineData("n_embd", "2147483648", "field 'n_embd' should be a positive whole number, but is 2147483648.")]
    [InlineData("layer_norm_epsilon", "-1", "field 'layer_norm_epsilon' should be zero or a positive number, but is -1.")]
    [InlineData("layer_norm_epsilon", "1e999", "field 'layer_norm_epsilon' should be zero or a positive number, but is 1e999.")]
    [InlineData("scale_attn_weights", "false", "expected attention scores divided by √d_head and nothing else")]
    [InlineData("scale_attn_by_inverse_layer_idx", "1", "field 'scale_attn_by_inverse_layer_idx' should be true or false, but is 1.")]
    public void Wrong_field_of_a_gpt2_configuration_is_named(string field, string value, string expected)
    {
        CopyWith("gpt2-gelu-new", _ => { });

        SetField("config.json", field, value);

        Refused(folder[""], expected, folder["config.json"]);
    }

    [Theory]
    [InlineData("act_fn", "\"silu\"", "field 'act_fn' should be 'gelu_new', 'gelu' or 'relu', but is \"silu\".")]
    [InlineData("act_fn", "null", "has MLPs, but nothing says which non-linearity they have")]
    [InlineData("normalization_type", "\"RMS\"", "field 'normalization_type' should be 'LN', 'none' or null, but is \"RMS\".")]
    [InlineData("positional_embedding_type", "\"rotary\"", "field 'positional_embedding_type' should be 'standard' (learned positions), but is \"rotary\".")]
    [InlineData("attention_dir", "\"sideways\"", "field 'attention_dir' should be 'causal' or 'bidirectional', but is \"sideways\".")]
    [InlineData("use_attn_scale", "false", "field 'use_attn_scale' should be true, but is false.")]
    [InlineData("eps", "-0.5", "field 'eps' should be zero or a positive number, but is -0.5.")]
    public void Wrong_field_of_a_TransformerLens_configuration_is_named(string field, string value, string expected)
    {
        var file = CopyWith("mlp-gelu", _ => { });

        SetField("model_config.json", field, value);

        Refused(folder[""], expected, expected.StartsWith("has", StringComparison.Ordinal) ? file : folder["model_config.json"]);
    }

    [Fact]
    public void Mlp_without_configuration_is_refused_with_what_to_write()
    {
        var file = CopyWith("mlp-relu", _ => { });

        File.Delete(folder["model_config.json"]);

        Refused(file, "has MLPs, but nothing says which non-linearity they have; expected a model_config.json beside it with \"act_fn\": \"gelu_new\", \"gelu\" or \"relu\".");
    }

    // The number of blocks must not decide how much is allocated before the first of them is found missing.
    [Fact]
    public void Announced_billion_of_blocks_is_refused_at_the_first_missing_one()
    {
        CopyWith("gpt2-gelu-new", _ => { });

        SetField("config.json", "n_layer", "2000000000");

        Refused(folder["model.safetensors"], "tensor 'transformer.h.2.attn.c_attn.weight' [8, 24] is missing");
    }

    [Fact]
    public void Empty_folder_and_nonexistent_path_are_refused()
    {
        Refused(folder[""], "expected a file of weights (model.safetensors, weights.pt, weights.safetensors, model.pt), but found none.", folder[""]);
        Refused(folder["nowhere"], "expected a model folder or a file of weights, but there is nothing of that name.");
    }

    [Theory]
    [InlineData("gpt2-gelu-new", "config.json")]
    [InlineData("mlp-gelu", "model_config.json")]
    public void Damaged_configuration_is_read_or_refused(string model, string configuration)
    {
        CopyWith(model, _ => { });
        var original = File.ReadAllBytes(folder[configuration]);

        Gen.OneOf(Mutation.Flips(original), Mutation.Pieces(original)).Sample(mutant =>
        {
            File.WriteAllBytes(folder[configuration], mutant);
            try
            {
                ModelFolder.Read(folder[""]).Dispose();
            }
            catch (CheckpointException error)
            {
                Assert.DoesNotContain('\n', error.Message);
            }
        }, iter: 1000, threads: 1);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Copies a golden model, with other tensors, and returns the file of its weights.</summary>
    private string CopyWith(string model, Action<Dictionary<string, Tensor>> change)
    {
        var source = Directory.GetFiles(GoldenModel.Folder(model), "*.safetensors").Single(file => Path.GetFileName(file) != "golden.safetensors");
        foreach (var configuration in Directory.GetFiles(GoldenModel.Folder(model), "*.json"))
            File.Copy(configuration, folder[Path.GetFileName(configuration)], overwrite: true);
        using var scope = NewDisposeScope();
        using var state = Safetensors.Read(source);
        var tensors = state.Names.ToDictionary(name => name, state.Peek);
        change(tensors);
        Safetensors.Write(folder[Path.GetFileName(source)], tensors);
        return folder[Path.GetFileName(source)];
    }

    private void SetField(string file, string field, string json)
    {
        var text = JsonNode.Parse(File.ReadAllText(folder[file]))!.AsObject();
        text[field] = "?";
        File.WriteAllText(folder[file], text.ToJsonString().Replace("\"?\"", json, StringComparison.Ordinal));
    }

    private static void Refused(string path, string expected, string? file = null)
    {
        var tensors = Tensor.TotalCount;

        var error = Assert.Throws<CheckpointException>(() => ModelFolder.Read(path));

        SafetensorsMalformedTests.OneLineOf(error, file ?? path, expected);
        Assert.Equal(tensors, Tensor.TotalCount);
    }
}
