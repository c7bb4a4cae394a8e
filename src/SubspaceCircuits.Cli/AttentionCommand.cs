using System.CommandLine;
namespace SubspaceCircuits.Cli;
internal static class AttentionCommand { public static Command Create() => new("attention", "later"); }
