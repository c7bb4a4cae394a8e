using System.CommandLine;

namespace SubspaceCircuits.Cli;

/// <summary><c>tasks list</c>: what there is; <c>tasks show TASK</c>: examples of one.</summary>
internal static class TasksCommand
{
    public static Command Create() => new("tasks", "List the tasks, or show examples of one.")
    {
        TasksListCommand.Create(),
        TasksShowCommand.Create(),
    };
}
