using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli;

/// <summary><c>tasks list</c>: every task with its sizes and options.</summary>
internal static class TasksListCommand
{
    private sealed record Entry(string Name, string Summary, int Tokens, LengthRange Lengths, int NCtx, string Scoring, IReadOnlyList<string> Options);

    private sealed record Output(IReadOnlyList<Entry> Tasks);

    public static Command Create()
    {
        var command = new Command("list", "List the tasks.");
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        Entry[] entries = [.. TaskRegistry.All.Select(Describe)];
        context.Result(new Output(entries), console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("task", "sequences", "tokens", "lengths", "context", "options");
            foreach (var entry in entries)
                table.AddRow(entry.Name, Markup.Escape(entry.Summary), $"{entry.Tokens}", $"{entry.Lengths.From}-{entry.Lengths.To}", $"{entry.NCtx}", Markup.Escape(string.Join(", ", entry.Options)));
            console.Write(table);
            console.WriteLine("Tokens include <bos> <sep> <eos> <pad>. Options: NAME:OPTION=VALUE,OPTION=VALUE, such as unique_ngram_pattern:n=3,longest=20.");
        });
    }

    private static Entry Describe(TaskFamily family)
    {
        var task = family.Default;
        return new Entry(family.Name, family.Summary, task.Vocabulary.Tokens.Count, new LengthRange(task.Lengths.Min, task.Lengths.Max), task.NCtx, TasksShowCommand.ScoringName(task), family.Options);
    }
}
