using System.Text;
using System.Text.Json;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Models;

/// <summary>This project's <c>config.json</c>, and how to tell it from Hugging Face's.</summary>
internal static class ConfigJson
{
    private const string Schema = "subspace-circuits/model/1";
    private static readonly string[] Known =
        ["schema", "n_layers", "n_heads", "d_model", "d_head", "d_mlp", "d_vocab", "d_vocab_out", "n_ctx", "attention_dir", "act_fn", "normalization_type", "eps"];

    /// <summary>Whether the file is a Hugging Face configuration.</summary>
    /// <exception cref="CheckpointException">It is neither Hugging Face's nor ours, or of a family that is not read.</exception>
    public static bool IsGpt2(string path)
    {
        var json = new JsonFile(path);
        if (json.Has("schema"))
            return false;
        if (!json.Has("model_type") && !json.Has("n_embd"))
            throw new CheckpointException(path, $"expected a GPT-2 configuration (model_type) or one with schema '{Schema}', but found neither");
        return json.Text("model_type", "gpt2") == "gpt2" ? true : throw json.Wrong("model_type", "gpt2, the one Hugging Face family that is read");
    }

    public static ModelConfig Read(string path)
    {
        var json = new JsonFile(path);
        if (json.Text("schema") != Schema)
            throw json.Wrong("schema", $"'{Schema}'");
        if (json.Fields.Except(Known).FirstOrDefault() is { } unknown)
            throw new CheckpointException(path, $"has an unknown field {OneLine.Quote(unknown)}; known are {string.Join(", ", Known)}");
        return new ModelConfig
        {
            NLayers = json.Int("n_layers"),
            NHeads = json.Int("n_heads"),
            DModel = json.Int("d_model"),
            DHead = json.Int("d_head"),
            DMlp = json.OptionalInt("d_mlp"),
            DVocab = json.Int("d_vocab"),
            DVocabOut = json.OptionalInt("d_vocab_out") ?? 0,
            NCtx = json.Int("n_ctx"),
            IsCausal = IsCausalOf(json),
            Activation = json.Has("act_fn") ? ActivationNames.Parse(json, "act_fn") : Activation.GeluNew,
            Normalization = NormalizationOf(json),
            Epsilon = json.NonNegative("eps", 1e-5),
        };
    }

    public static void Write(string path, ModelConfig config)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteNumber("n_layers", config.NLayers);
            json.WriteNumber("n_heads", config.NHeads);
            json.WriteNumber("d_model", config.DModel);
            json.WriteNumber("d_head", config.DHead);
            if (config.DMlp is { } dMlp)
                json.WriteNumber("d_mlp", dMlp);
            else
                json.WriteNull("d_mlp");
            json.WriteNumber("d_vocab", config.DVocab);
            if (config.DVocabOut != config.DVocab)
                json.WriteNumber("d_vocab_out", config.DVocabOut);
            json.WriteNumber("n_ctx", config.NCtx);
            if (!config.IsCausal)
                json.WriteString("attention_dir", "bidirectional");
            json.WriteString("act_fn", ActivationNames.Name(config.Activation));
            json.WriteString("normalization_type", config.Normalization is Normalization.LayerNorm ? "LN" : "none");
            json.WriteNumber("eps", config.Epsilon);
            json.WriteEndObject();
        }

        File.WriteAllText(path, Encoding.UTF8.GetString(buffer.ToArray()) + "\n");
    }

    /// <summary>TransformerLens's name of the direction of attention.</summary>
    internal static bool IsCausalOf(JsonFile json) => json.Text("attention_dir", "causal") switch
    {
        "causal" => true,
        "bidirectional" => false,
        _ => throw json.Wrong("attention_dir", "'causal' or 'bidirectional'"),
    };

    /// <summary>TransformerLens writes null or "none" for no norm.</summary>
    internal static Normalization NormalizationOf(JsonFile json) => json.Text("normalization_type", "none") switch
    {
        "LN" => Normalization.LayerNorm,
        "none" => Normalization.None,
        _ => throw json.Wrong("normalization_type", "'LN', 'none' or null"),
    };
}
