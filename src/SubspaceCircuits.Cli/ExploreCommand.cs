using System.CommandLine;
namespace SubspaceCircuits.Cli;
internal static class ExploreCommand { public static Command Create() => new("explore", "later"); }
