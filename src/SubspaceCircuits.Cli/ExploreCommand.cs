using System.CommandLine;
using SubspaceCircuits.Explorer;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary><c>explore RUN...</c>: the reports of runs in a browser on this machine.</summary>
internal static class ExploreCommand
{
    private static readonly Argument<string[]> Folders = new("RUN") { Description = "Run folders.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<int> Port = new("--port") { Description = "Port on 127.0.0.1; a free one when not given.", DefaultValueFactory = _ => 0 };

    public static Command Create()
    {
        var command = new Command("explore", "Serve runs to a browser on this machine.") { Folders, Port };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        RunFolder[] runs = [.. context.Get(Folders).Select(RunFolder.Open)];
        var (server, address) = ExplorerServer.Start(runs, context.Get(Port)).GetAwaiter().GetResult();
        context.Result(new { Address = address }, _ => Console.WriteLine($"{address}\nCtrl-C stops."));
        context.Cancellation.WaitHandle.WaitOne();
        server.StopAsync().GetAwaiter().GetResult();
    }
}
