using System.CommandLine;
namespace SubspaceCircuits.Cli;
internal static class ValidateCommand { public static Command Create() => new("validate", "later"); }
