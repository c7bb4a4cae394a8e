using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.Models;

/// <summary>
/// One of the small models that tools/golden/make_transformer_golden.py made, and the activations that its own forward pass
/// found in float64. Owns both and disposes them.
/// </summary>
internal sealed class GoldenModel : IDisposable
{
    private readonly ModelOnDisk model;
    private readonly StateDict golden;

    public GoldenModel(string name)
    {
        model = ModelFolder.Read(Folder(name));
        golden = Safetensors.Read(Path.Combine(Folder(name), "golden.safetensors"));
    }

    public static TheoryData<string> Names => ["gpt2-gelu-new", "attention-only", "mlp-gelu", "mlp-relu"];

    public Weights Weights => model.Weights;

    public ModelConfig Config => Weights.Config;

    public Tensor Tokens => golden.Peek("tokens");       // [batch, pos]

    public Tensor Positions => golden.Peek("positions"); // [batch, pos]

    /// <summary>Every hook point of the golden file.</summary>
    public IReadOnlyList<HookPoint> Points => [.. golden.Names.Where(name => name.Contains("hook_", StringComparison.Ordinal)).Select(name => new HookPoint(name))];

    public Tensor Logits => golden.Peek("logits");       // [batch, pos, vocab]

    public Tensor this[HookPoint point] => golden.Peek(point.Name);

    public static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);

    public Tensor Forward(Hooks? hooks = null, int? stopAtLayer = null) => Transformer.Forward(Weights, Tokens, Positions, hooks, stopAtLayer);

    public void Dispose()
    {
        model.Dispose();
        golden.Dispose();
    }
}
