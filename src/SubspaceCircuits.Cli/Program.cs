using System.CommandLine;
using SubspaceCircuits.Cli;

var root = new RootCommand("Splits a transformer's residual stream into subspaces and reads its circuits from the weights.")
{
    DemoCommand.Create(),
    AnalyzeCommand.Create(),
    TrainCommand.Create(),
    EvalCommand.Create(),
    AttentionCommand.Create(),
    HeadsCommand.Create(),
    PartitionCommand.Create(),
    CircuitCommand.Create(),
    ValidateCommand.Create(),
    ReportCommand.Create(),
    ExploreCommand.Create(),
    new Command("bench", "Benchmarks.") { SubspaceCircuits.Cli.Bench.BenchTraining.Create() },
    DoctorCommand.Create(),
};
foreach (var option in CommonOptions.All)
    root.Options.Add(option);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    Console.Error.WriteLine($"{parsed.Errors[0].Message.ReplaceLineEndings(" ")} See: subspace {string.Join(' ', parsed.CommandResult.Command == root ? [] : (string[])[parsed.CommandResult.Command.Name, ""])}--help");
    return ExitStatus.Usage;
}

return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
