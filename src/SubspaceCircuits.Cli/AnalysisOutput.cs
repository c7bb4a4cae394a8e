using Spectre.Console;
using SubspaceCircuits.Attention;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli;

/// <summary>What <c>analyze</c> and <c>demo</c> print.</summary>
internal static class AnalysisOutput
{
    private const int MostEdges = 60;

    private sealed record SiteOutput(string Site, IReadOnlyList<int> Sizes, double MeanDistance, IReadOnlyList<string> Labels);

    private sealed record CircuitOutput(int Edges, int Of, int ComponentEdges, int ComponentOf, double MatchAccuracy, double PositionMatch, double TaskAccuracy, double Kl);

    private sealed record Output(string Run, string Report, string Task, IReadOnlyList<RangeAccuracy> Accuracy, IReadOnlyList<SiteOutput> Sites, IReadOnlyList<HeadDocument> Heads, CircuitOutput Circuit, double Seconds);

    public static void Print(CommandContext context, RunFolder run)
    {
        var evaluation = Json.Read<EvaluationDocument>(run.PathOf("evaluation.json"));
        var (circuit, document) = CircuitFiles.Read(run.PathOf("circuit.json"));
        var validation = Json.Read<ValidationDocument>(run.PathOf("validation.json"));
        var attention = Json.Read<AttentionDocument>(run.PathOf("attention.json"));
        var roles = Json.Read<RolesDocument>(run.PathOf("roles.json"));
        SiteOutput[] sites = [.. document.Nodes.Select(node => node.Site).OfType<string>().Distinct().Select(site => PartitionFiles.ReadDocument(run.PathOf("partitions", site)))
            .Select(partition => new SiteOutput(partition.Site!, partition.Sizes, partition.MeanDistance, partition.Labels))];
        var output = new Output(run.Root, run.PathOf("report.html"), evaluation.Task, evaluation.Ranges, sites, attention.Heads,
            new CircuitOutput(validation.Edges, validation.Of, validation.ComponentEdges, validation.ComponentOf, validation.MatchAccuracy, validation.PositionMatch, validation.TaskAccuracy, validation.Kl), Math.Round(run.Seconds, 1));

        context.Result(output, console =>
        {
            console.MarkupLineInterpolated($"[bold]{run.Manifest.Model.Name}[/]  {evaluation.Task}  accuracy {string.Join(", ", evaluation.Ranges.Select(range => $"{range.Accuracy:0.000} (lengths {range.From}-{range.To})"))}");
            console.Write(Heads(attention));
            Print(console, roles);
            console.Write(Sites(sites));
            console.Write(Edges(circuit, document));
            Print(console, validation);
            console.MarkupLineInterpolated($"report  {run.PathOf("report.html")}");
        });
    }

    /// <summary>What the weights say that heads do, and which are alike.</summary>
    public static void Print(IAnsiConsole console, RolesDocument roles)
    {
        foreach (var head in roles.Heads)
            console.MarkupLineInterpolated($"  {head.Head} by its weights: {string.Join(", ", head.Roles.Select(role => $"{role.Name} ({role.Share:0.00} of queries or tokens, {role.Lead:0.0} logits ahead, chance {role.Null:0.00})").DefaultIfEmpty("no role found"))}");
        foreach (var pair in roles.Pairs)
            console.MarkupLineInterpolated($"  {pair.First} and {pair.Second}: {pair.Words}");
    }

    /// <summary>What a validation found, in two or three lines.</summary>
    public static void Print(IAnsiConsole console, ValidationDocument validation)
    {
        console.MarkupLineInterpolated($"[bold]{validation.Edges} of {validation.Of} edges[/] ({validation.ComponentEdges} of {validation.ComponentOf} between components). The model with only these edges, {validation.Ablation} ablation, {validation.Samples} sequences of lengths {validation.From}-{validation.To}:");
        console.MarkupLineInterpolated($"  match accuracy {validation.MatchAccuracy:0.000} of sequences, {validation.PositionMatch:0.000} of positions; task accuracy {validation.TaskAccuracy:0.000} (whole model {validation.ModelTaskAccuracy:0.000}); KL {validation.Kl:0.000} nats");
        foreach (var control in validation.Controls)
            console.MarkupLineInterpolated($"  {control.Name}: match accuracy {control.MatchAccuracy:0.000} of sequences, {control.PositionMatch:0.000} of positions; KL {control.Kl:0.000} nats");
        if (validation.KlOfSequences is { } kl)
            console.MarkupLineInterpolated($"  KL of sequences: median {kl.Median:0.000}, 90 % below {kl.P90:0.000}, worst {kl.Worst[0].Kl:0.000} ({Shortened(kl.Worst[0].Tokens)})");
        if (validation.Norms is { } norms)
            console.MarkupLineInterpolated($"  price of constant norms, as in the scores: KL {norms.OfMoments.Kl:0.0000} nats, match accuracy {norms.OfMoments.MatchAccuracy:0.000}{(norms.Learned is { } learned ? $"; learned constants: {learned.Kl:0.0000}, {learned.MatchAccuracy:0.000}" : "")}");
        foreach (var pair in validation.HeadPairs)
            console.MarkupLineInterpolated($"  {pair.First} and {pair.Second} ({pair.Verdict.ToString().ToLowerInvariant()}), {pair.Ablation.ToString().ToLowerInvariant()} ablation: KL {pair.OfFirst:0.000} and {pair.OfSecond:0.000} alone, {pair.OfBoth:0.000} together");
        foreach (var mlp in validation.Mlps)
            console.MarkupLineInterpolated($"  {mlp.Mlp}: first order explains {mlp.Mean(target => target.Linear):0.00} of what it writes, first and second {mlp.Mean(target => target.Quadratic):0.00}; sum of Sobol indices {mlp.Mean(target => target.SobolTotal):0.00}");
        foreach (var broken in validation.Broken)
            console.MarkupLineInterpolated($"  does not hold: {broken}");
        if (validation.Selections.Count > 0)
            console.Write(Selections(validation));
        if (validation.Agreement.Count > 0)
            console.Write(Agreement(validation));
        var enough = validation.Frontier.Where(point => point.MatchAccuracy >= 0.9).MinBy(point => point.Edges);
        if (enough is not null && validation.MatchAccuracy < 0.9)
            console.MarkupLineInterpolated($"  match accuracy {enough.MatchAccuracy:0.000} takes {enough.Edges} edges (--coverage {enough.Coverage:0.###})");
    }

    /// <summary>Every way of choosing: area under its curve, and the fewest edges that are enough.</summary>
    private static Table Selections(ValidationDocument validation)
    {
        static string Fewest(SelectionDocument selection, double match) =>
            selection.Points.Where(point => point.MatchAccuracy >= match).MinBy(point => point.Edges) is { } point ? $"{point.Edges} ({point.ComponentEdges})" : "–";
        var table = new Table().Border(TableBorder.Simple).Title("Edges (between components) for a match accuracy of").AddColumns("chosen by", ".9", ".99", "CMD", "CPR", "stability");
        foreach (var selection in validation.Selections)
        {
            table.AddRow(selection.Selection, Fewest(selection, .9), Fewest(selection, .99), $"{selection.Cmd:0.000}", $"{selection.Cpr:0.000}", selection.Stability is { } stability ? $"{stability:0.00}" : "");
        }

        return table;
    }

    /// <summary>How far scores predict the effects of ablating single edges.</summary>
    private static Table Agreement(ValidationDocument validation)
    {
        static string Number(double? value) => value is { } number ? $"{number:0.00}" : "–";
        var table = new Table().Border(TableBorder.Simple).Title("Rank correlation of scores with the effect of ablating single edges").AddColumns("family", "edges", "energy (A)", "variance (B)", "nats (C)");
        foreach (var family in validation.Agreement)
            table.AddRow(family.Kind?.ToString().ToLowerInvariant() ?? "all", $"{family.Edges}", Number(family.Energy), Number(family.Variance), Number(family.Nats));
        return table;
    }

    private static string Shortened(string tokens) => tokens.Length <= 60 ? tokens : $"{tokens[..57]}...";

    /// <summary>Each score, in brackets the same on shuffled sequences; the last row is what uniform attention gives.</summary>
    public static Table Heads(AttentionDocument attention)
    {
        string[] names = [.. HeadScore.All.Select(score => score.Name)];
        static string Share(double value) => double.IsNaN(value) ? "–" : $"{value:0.00}";
        var table = new Table().Border(TableBorder.Simple).Title("Attention of the heads (on shuffled sequences)")
            .AddColumns(["head", .. names.Select(name => name.Replace('_', ' '))]);
        foreach (var head in attention.Heads)
            table.AddRow([head.Head, .. names.Select(name => $"{Share(head.Scores[name])} ({Share(head.Shuffled[name])})")]);
        if (attention.Heads is [var first, ..])
            table.AddRow(["uniform", .. names.Select(name => Share(first.Uniform[name]))]);
        return table;
    }

    private static Table Sites(IReadOnlyList<SiteOutput> sites)
    {
        var table = new Table().Border(TableBorder.Simple).Title("Subspaces").AddColumns("site", "sizes", "about", "mean distance");
        foreach (var site in sites)
            table.AddRow(site.Site, string.Join(" ", site.Sizes), Markup.Escape(string.Join(" | ", site.Labels)), $"{site.MeanDistance:0.0000}");
        return table;
    }

    /// <summary>The kept edges in the order of the computation; of many only those with the greatest share.</summary>
    public static Table Edges(Circuit circuit, CircuitDocument document)
    {
        var labels = document.Nodes.Where(node => node.Label is not null).ToDictionary(node => node.Id, node => $"{node.Id} ({node.Label})");
        string Name(string? id) => Markup.Escape(id is null ? "" : labels.GetValueOrDefault(id, id));
        var table = new Table().Border(TableBorder.Simple).Title($"Circuit: fewest edges that cover {document.Coverage:0.###} of the variance at every target")
            .AddColumns("edge", "via", "from / query", "to / key", "share");
        CircuitEdge[] kept = [.. circuit.Kept];
        var shown = kept.OrderByDescending(edge => edge.Scores.VarianceShare).Take(MostEdges).ToHashSet();
        foreach (var edge in kept.Where(shown.Contains))
            table.AddRow(edge.Kind.ToString().ToLowerInvariant(), edge.Via ?? "", Name(edge.From ?? edge.Query), Name(edge.To ?? edge.Key), $"{edge.Scores.VarianceShare:0.000}");
        if (kept.Length > shown.Count)
            table.Caption($"the {shown.Count} with the greatest share; {kept.Length - shown.Count} more are in the report");
        return table;
    }
}
