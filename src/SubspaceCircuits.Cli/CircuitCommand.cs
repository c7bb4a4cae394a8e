using System.CommandLine;
namespace SubspaceCircuits.Cli;
internal static class CircuitCommand { public static Command Create() => new("circuit", "later"); }
