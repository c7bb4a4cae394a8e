using System.CommandLine;
using System.Text;
using SubspaceCircuits.Activations;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench.Discovery;

/// <summary><c>bench sites MODEL...</c>.</summary>
internal static class BenchSites
{
    private static readonly Argument<string[]> Models = new("MODEL") { Description = "Model folders.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string[]> SiteNames = new("--sites") { Description = "Sites; all when not given.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Strategies = new("--strategies") { Description = "discover, merge (the published method).", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["discover", "merge"] };
    private static readonly Option<int> Seeds = new("--seeds") { Description = "Seeds, from --seed on.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Rows = new("--activations-per-site") { Description = "Activations of each site.", DefaultValueFactory = _ => 32_768 };
    private static readonly Option<string?> Lengths = new("--lengths") { Description = "Lengths of the sequences, such as 20-150; those of analyze when not given." };
    private static readonly Option<int> FirstPosition = new("--first-position") { Description = "Positions before this one are left out.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Replicates = new("--replicates") { Description = "Repetitions on half of the activations, for the stability of each subspace.", DefaultValueFactory = _ => 4 };

    private sealed record Output(string Suite, IReadOnlyList<SitesSuite.Row> Rows);

    public static Command Create()
    {
        var command = new Command("sites", "Partition the sites of models: what each subspace holds of token, previous token and position, beside random subspaces.")
        {
            Models, AnalysisOptions.Task, SiteNames, Strategies, Seeds, Rows, Lengths, FirstPosition, Replicates,
        };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        List<SitesSuite.Row> rows = [];
        foreach (var path in context.Get(Models))
        {
            using var model = context.ReadModel(path);
            var task = CommandContext.TaskOf(model, context.Get(AnalysisOptions.Task));
            var lengths = context.Get(Lengths) is { } text ? EvalCommand.ParseRanges(text)[0] : AnalysisSettings.For(task).Lengths;
            IReadOnlyList<Site> sites = context.Get(SiteNames) is { Length: > 0 } names ? [.. names.Select(Site.Parse)] : Site.All(model.Weights.Config);
            for (var seed = context.Seed; seed < context.Seed + context.Get(Seeds); seed++)
            {
                using var activations = ActivationSet.Collect(model.Weights, task, new CollectionSettings { Sites = sites, Rows = context.Get(Rows), From = lengths.From, To = lengths.To, FirstPosition = context.Get(FirstPosition), Seed = seed }, context.Cancellation);
                foreach (var (site, strategy) in from site in sites from strategy in context.Get(Strategies) select (site, strategy))
                {
                    rows.Add(SitesSuite.Measure(model.Name, site, activations, strategy, seed, context.Get(Replicates), context.Cancellation));
                    CommandContext.Say(Line(rows[^1]));
                }
            }
        }

        context.Result(new Output("sites", rows), _ => Console.Out.Write(Table(rows)));
    }

    private static string Table(List<SitesSuite.Row> rows)
    {
        var text = new StringBuilder("| model | site | strategy | seed | q, limit | subspaces: size, share of variance, captured; decoded here (in random subspaces); stability | seconds |\n|---|---|---|---|---|---|---|\n");
        foreach (var row in rows)
            text.AppendLine(Line(row));
        return text.ToString();
    }

    private static string Line(SitesSuite.Row row)
    {
        static string Held(SitesSuite.Held held) =>
            $"**{held.Size}** {held.Variance:0.00}{(held.IsLoose is true ? " loose" : "")}: {string.Join(", ", held.Captured.Select(pair => $"{pair.Key.Replace('_', ' ')} {pair.Value:0.00}; {held.Decoded[pair.Key]:0.00} ({held.DecodedInRandom[pair.Key]:0.00})"))}{(held.Stability is { } stability ? $"; {stability:0.00}" : "")}";
        return $"| {row.Model} | {row.Site} | {row.Strategy} | {row.Seed} | {(row.Share is { } share ? $"{share:0.000}, {row.Limit:0.00}" : "")} | {string.Join("<br>", row.Subspaces.Select(Held))} | {row.Seconds:0} |";
    }
}
