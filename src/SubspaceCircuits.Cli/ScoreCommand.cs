using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Cli;

/// <summary><c>score RUN --truth FILE</c>: what a run found beside what is known of its model.</summary>
internal static class ScoreCommand
{
    private static readonly Argument<string> Folder = new("RUN") { Description = "Run folder with partitions of a model whose circuit is known, and perhaps a circuit." };
    private static readonly Option<string> Truth = new("--truth") { Description = "truth.json of the model.", Required = true };

    public static Command Create()
    {
        var command = new Command("score", "Compare subspaces and circuit of a run with the truth about its model.") { Folder, Truth };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        var run = RunFolder.Open(context.Get(Folder));
        using var model = context.ReadModel(run.Manifest.Model.Path);
        run.RequireModel(model);
        var found = RunRecovery.Of(run, model, context.Get(Truth), context.Seed);
        context.Result(found, console => Print(console, found));
    }

    private static void Print(IAnsiConsole console, RecoveryDocument found)
    {
        console.WriteLine($"{found.Truth}: subspaces (adjusted SRS: 0 as random rotations of the same sizes, 1 perfect)");
        var sites = new Table().Border(TableBorder.Simple).AddColumns("site", "found", "adjusted SRS", "SRS (chance)", "homogeneity", "completeness", "by groups", "variables: overlap of dims with the block");
        foreach (var site in found.Sites)
        {
            sites.AddRow(site.Site, string.Join(" ", site.Variables.BlockSizes), Number(site.Variables.AdjustedSrs), $"{Number(site.Variables.Srs)} ({Number(site.Variables.Chance.Mean)})", Number(site.Variables.Clustering.Homogeneity),
                Number(site.Variables.Clustering.Completeness), Number(site.Groups.AdjustedSrs),
                Markup.Escape(string.Join(", ", site.Variables.Subspaces.Select(subspace => subspace.Match is { } match ? $"{subspace.Name} {Number(match.Overlap)} of {subspace.Size} in {match.Block}" : $"{subspace.Name} -"))));
        }

        console.Write(sites);
        foreach (var circuit in found.Circuits)
        {
            console.WriteLine(circuit.Name == "found" ? "circuit of the run" : "control: random subspaces of the same sizes, edges chosen alike");
            var levels = new Table().Border(TableBorder.Simple).AddColumns("level", "auxiliary", "embeddings", "precision", "recall", "F1 (chance)", "AUROC (chance)", "AUPRC (chance)", "SHD", "true of candidates");
            foreach (var level in circuit.Levels)
            {
                var (prediction, ranking) = (level.Scores.Prediction, level.Scores.Ranking);
                levels.AddRow(level.Level.ToString().ToLowerInvariant(), level.WithAuxiliary ? "with" : "without", level.Level is CircuitLevel.Node ? "" : level.WithEmbedding ? "with" : "without", Number(prediction.Precision), Number(prediction.Recall),
                    $"{Number(prediction.F1)} ({Chance(level.Scores.F1Chance)})", $"{Number(ranking.Auroc)} ({Chance(level.Scores.AurocChance)})", $"{Number(ranking.Auprc)} ({Chance(level.Scores.AuprcChance)})", $"{prediction.Shd}",
                    $"{prediction.TruePositives + prediction.FalseNegatives} of {prediction.Universe}");
            }

            console.Write(levels);
        }
    }

    private static string Chance(ChanceLevel? chance) => Number(chance?.Mean);

    private static string Number(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "-";
}
