using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary><c>report RUN</c>: one self-contained HTML file.</summary>
internal static class ReportCommand
{
    private static readonly Argument<string> Folder = new("RUN") { Description = "Run folder." };

    public static Command Create()
    {
        var command = new Command("report", "Write report.html from whatever the run has so far.") { Folder };
        command.SetAction(parsed => CommandContext.Run(parsed, context =>
        {
            var path = ReportWriter.Write(RunFolder.Open(context.Get(Folder)));
            context.Result(new { Report = path }, console => console.WriteLine(path));
        }));
        return command;
    }
}
