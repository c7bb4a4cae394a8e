namespace SubspaceCircuits.Models;

/// <summary>Names of the non-linearities in configuration files.</summary>
internal static class ActivationNames
{
    public static Activation Parse(JsonFile json, string field) => json.Text(field) switch
    {
        "gelu_new" or "gelu_pytorch_tanh" => Activation.GeluNew,
        "gelu" => Activation.Gelu,
        "relu" => Activation.Relu,
        _ => throw json.Wrong(field, "'gelu_new', 'gelu' or 'relu'"),
    };

    public static string Name(Activation activation) => activation switch
    {
        Activation.Gelu => "gelu",
        Activation.Relu => "relu",
        _ => "gelu_new",
    };
}
