using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli;

/// <summary><c>tasks show TASK</c>: sequences, and what is predicted in them.</summary>
internal static class TasksShowCommand
{
    private const int ShortLengths = 10;
    private static readonly Argument<string> TaskName = new("TASK") { Description = "Task, with options such as unique_ngram_pattern:n=3." };
    private static readonly Option<int> Samples = new("--samples") { Description = "How many.", DefaultValueFactory = _ => 5 };
    private static readonly Option<int?> Length = new("--length") { Description = "Length of every one." };
    private static readonly Option<string?> Lengths = new("--lengths") { Description = "Range of lengths, such as 5-20; short ones when not given." };

    /// <param name="Tokens">The sequence.</param>
    /// <param name="Targets">For every position the token that is predicted there, null where none is.</param>
    /// <param name="NextSets">For every position the tokens that may come next, in tasks scored by sets.</param>
    /// <param name="MaxOffset">Greatest position of the first token in training.</param>
    private sealed record Sample(string[] Tokens, string?[] Targets, string[]?[]? NextSets, int MaxOffset);

    private sealed record Output(string Task, string Scoring, IReadOnlyList<Sample> Samples);

    public static Command Create()
    {
        var command = new Command("show", "Show examples of a task.") { TaskName, Samples, Length, Lengths };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    /// <summary>How a task's predictions are scored: by the next <c>token</c> or by the <c>set</c> of tokens that may come next.</summary>
    public static string ScoringName(ITask task) => task.Scoring is NextSetScoring ? "set" : "token";

    private static void Run(CommandContext context)
    {
        var task = AllTasks.Find(context.Get(TaskName));
        var (from, to) = LengthsOf(context, task);
        var drawn = TaskBatch.Draw(task, from, to, context.Get(Samples), new Random(context.Seed));
        var output = new Output(task.Name, ScoringName(task), [.. drawn.Select(sample => Read(sample, task.Vocabulary.Tokens))]);
        context.Result(output, console =>
        {
            console.MarkupLineInterpolated($"[bold]{task.Name}[/]  {Legend(task)}");
            foreach (var sample in output.Samples)
                console.MarkupLine(string.Join(' ', sample.Tokens.Select((_, position) => Show(sample, position))));
        });
    }

    private static LengthRange LengthsOf(CommandContext context, ITask task)
    {
        var text = context.Get(Lengths);
        if (context.Get(Length) is { } length)
            return text is null ? new LengthRange(length, length) : throw new ArgumentException("Pass --length or --lengths, not both.");
        if (text is null)
            return new LengthRange(task.Lengths.Min, Math.Min(task.Lengths.Max, task.Lengths.Min + ShortLengths));
        return EvalCommand.ParseRanges(text) is [var range] ? range : throw new ArgumentException($"--lengths should be one range such as 5-20, but is '{text}'.");
    }

    private static Sample Read(TaskSample sample, IReadOnlyList<string> names) => new(
        [.. sample.Tokens.Select(token => names[token])],
        [.. sample.Targets.Select(target => target == TaskSample.Unsupervised ? null : names[target])],
        sample.NextSets is { } sets ? [.. sets.Select(set => set is null ? null : (string[])[.. set.Select(token => names[token])])] : null,
        sample.MaxOffset);

    private static string Legend(ITask task) => task.Scoring is NextSetScoring ? "a{b c}: after a come b or c" : "[a]: a must be predicted";

    /// <summary>A token, in brackets where it must be predicted, or followed by the set that is predicted at it.</summary>
    private static string Show(Sample sample, int position)
    {
        var token = Markup.Escape(sample.Tokens[position]);
        if (sample.NextSets is { } sets)
            return sets[position] is { } set ? $"{token}[green]{{{Markup.Escape(string.Join(' ', set))}}}[/]" : token;
        return position > 0 && sample.Targets[position - 1] is not null ? $"[green][[{token}]][/]" : token;
    }
}
