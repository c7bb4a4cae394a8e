using System.CommandLine;
namespace SubspaceCircuits.Cli;
internal static class DemoCommand { public static Command Create() => new("demo", "later"); }
