using System.CommandLine;
namespace SubspaceCircuits.Cli;
internal static class ReportCommand { public static Command Create() => new("report", "later"); }
