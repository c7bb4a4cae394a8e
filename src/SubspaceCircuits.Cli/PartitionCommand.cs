using System.CommandLine;
namespace SubspaceCircuits.Cli;
internal static class PartitionCommand { public static Command Create() => new("partition", "later"); }
