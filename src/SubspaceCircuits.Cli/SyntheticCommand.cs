using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Cli;

/// <summary><c>synthetic NAME --out FOLDER</c>: activations whose subspaces are known.</summary>
internal static class SyntheticCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "Settings, such as A or pairs (docs/discovery.md has a table); a name that is not known lists all." };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder; runs/synthetic-NAME when not given." };

    private sealed record Output(string Activations, string Truth, int DModel, int Rows, IReadOnlyList<TruthVariable> Variables);

    public static Command Create()
    {
        var command = new Command("synthetic", "Make activations whose subspaces are known: activations.safetensors for partition --activations, truth.json, truth.safetensors.") { Name, Out };
        command.SetAction(parsed => CommandContext.Run(parsed, context =>
        {
            context.UseThreads();
            var one = SyntheticSuite.Find(context.Get(Name));
            var folder = context.Get(Out) ?? $"runs/synthetic-{one.Name}";
            var settings = one.Settings with { Seed = context.Seed };
            using var made = SyntheticActivations.Make(settings);
            var truth = TruthFiles.Write(folder, $"synthetic-{one.Name}-seed{context.Seed}", settings, made);
            var path = Path.Combine(folder, "activations.safetensors");
            context.Result(new Output(path, Path.Combine(folder, "truth.json"), truth.DModel, settings.Rows, truth.Variables), console => console.WriteLine(path));
        }));
        return command;
    }
}
