using System.CommandLine;
namespace SubspaceCircuits.Cli;
internal static class TrainCommand { public static Command Create() => new("train", "later"); }
