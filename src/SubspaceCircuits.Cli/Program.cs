using System.CommandLine;
using System.CommandLine.Parsing;
using SubspaceCircuits.Cli;
using SubspaceCircuits.Cli.Bench;

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
    ScoreCommand.Create(),
    ReportCommand.Create(),
    ExportCommand.Create(),
    ImportCommand.Create(),
    ExploreCommand.Create(),
    TasksCommand.Create(),
    CompileCommand.Create(),
    SyntheticCommand.Create(),
    BenchCommand.Create(),
    DoctorCommand.Create(),
};
foreach (var option in CommonOptions.All)
    root.Options.Add(option);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    var names = new Stack<string>(["--help"]);
    for (SymbolResult? result = parsed.CommandResult; result is CommandResult { Parent: not null } command; result = command.Parent)
        names.Push(command.Command.Name);
    Console.Error.WriteLine($"{parsed.Errors[0].Message.ReplaceLineEndings(" ")} See: subspace {string.Join(' ', names)}");
    return ExitStatus.Usage;
}

return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
