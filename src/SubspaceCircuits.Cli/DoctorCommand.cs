using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Backend;

namespace SubspaceCircuits.Cli;

/// <summary><c>doctor</c>: what was loaded from where, and the remedy for what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Show what was loaded from where, threads, devices, and what is missing.");
        command.SetAction(parsed =>
        {
            var problems = 0;
            var status = CommandContext.Run(parsed, context => problems = Run(context));
            return status is ExitStatus.Done && problems > 0 ? ExitStatus.Failed : status;
        });
        return command;
    }

    private static int Run(CommandContext context)
    {
        var found = Doctor.Examine();
        context.Result(found, console =>
        {
            var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
            table.AddRow("subspace", found.Version);
            table.AddRow("runtime", Markup.Escape($"{found.Dotnet}, {found.Os}, {found.Architecture}"));
            table.AddRow("TorchSharp", found.Torchsharp);
            table.AddRow("libtorch", found.Libtorch ?? "not loaded");
            table.AddRow("own libtorch", Markup.Escape(found.Override ?? $"none ({NativeLibraries.OverrideVariable} is not set)"));
            table.AddRow("remedy for old libstdc++", Markup.Escape(found.Remedy ?? "not needed"));
            table.AddRow("threads", $"{found.Threads} of {found.Cores} cores");
            table.AddRow("vector instructions", found.Simd);
            table.AddRow("CUDA devices", found.Cuda.Count > 0 ? string.Join(", ", found.Cuda) : "none");
            foreach (var file in found.NativeFiles)
                table.AddRow("loaded", Markup.Escape(file));
            console.Write(table);
            console.WriteLine(found.Problems.Count == 0 ? "Nothing is missing." : string.Join('\n', found.Problems));
        });
        return found.Problems.Count;
    }
}
