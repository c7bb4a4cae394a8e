using System.CommandLine;
using System.Text;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench;

/// <summary><c>bench recipes FILE...</c>.</summary>
internal static class BenchRecipes
{
    private static readonly Argument<string[]> Files = new("RECIPE") { Description = "Recipe files.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<int> Seeds = new("--seeds") { Description = "Seeds, from --seed on.", DefaultValueFactory = _ => 5 };
    private static readonly Option<string> Out = new("--out") { Description = "Folder for the models; those that are there already are measured, not trained.", DefaultValueFactory = _ => "runs/recipes" };
    private static readonly Option<bool> Write = new("--write") { Description = "Write the result beside each recipe, as NAME.md." };

    private sealed record Output(string Suite, IReadOnlyList<RecipesSuite.Row> Rows, IReadOnlyDictionary<string, double> Means);

    public static Command Create()
    {
        var command = new Command("recipes", "Train recipes with several seeds: accuracy, and whether previous-token and induction heads form.") { Files, Seeds, Out, Write };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        context.UseThreads();
        if (context.Get(Seeds) < 1)
            throw new ArgumentException($"--seeds should be at least 1, but is {context.Get(Seeds)}.");
        List<RecipesSuite.Row> rows = [];
        foreach (var file in context.Get(Files))
        {
            var recipe = Recipe.Read(file);
            List<RecipesSuite.Row> own = [];
            using (var progress = new ProgressDisplay())
            {
                var steps = new TrainingSteps(progress);
                for (var seed = context.Seed; seed < context.Seed + context.Get(Seeds); seed++)
                    own.Add(RecipesSuite.Measure(file, seed, context.Get(Out), context.Threads, steps, context.Cancellation));
            }

            rows.AddRange(own);
            if (context.Get(Write))
                AtomicFile.Write(Path.ChangeExtension(file, ".md"), Report(file, recipe, own, context));
        }

        var means = rows.GroupBy(row => row.Recipe).ToDictionary(group => group.Key, group => group.Average(row => row.Forms ? 1.0 : 0));
        context.Result(new Output("recipes", rows, means), _ => Console.Out.Write(Table(rows)));
    }

    private static string Table(List<RecipesSuite.Row> rows)
    {
        static string Score(RecipesSuite.Best best) => double.IsNaN(best.Score) ? "–" : $"{best.Score:0.00} {best.Head}";
        var text = new StringBuilder();
        text.AppendLine("| recipe | seed | steps | sequences right | positions right | previous token | induction | prefix matching | n-gram match | forms both | seconds |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
            text.AppendLine($"| {row.Recipe} | {row.Seed} | {row.Steps} | {row.Accuracy:0.000} | {row.Positions:0.000} | {Score(row.PreviousToken)} | {Score(row.Induction)} | {Score(row.PrefixMatching)} | {Score(row.NgramMatch)} | {(row.Forms ? "yes" : "no")} | {row.Seconds:0} |");
        return text.ToString();
    }

    private static string Report(string file, Recipe recipe, List<RecipesSuite.Row> rows, CommandContext context)
    {
        var text = new StringBuilder();
        text.AppendLine($"# {Path.GetFileNameWithoutExtension(file)}").AppendLine();
        if (recipe.About is { } about)
            text.AppendLine(about).AppendLine();
        text.AppendLine("```").AppendLine($"subspace bench recipes {Path.GetFileName(file)} --seed {context.Seed} --seeds {context.Get(Seeds)} --threads {context.Threads} --write").AppendLine("```").AppendLine();
        text.AppendLine($"{rows.Count(row => row.Forms)} of {rows.Count} seeds form both: an induction head (prefix matching or n-gram match of at least {RecipesSuite.InductionScore}) above a previous-token head (at least {RecipesSuite.PreviousTokenScore}). {rows.Count(row => row.Accuracy >= 0.99)} of {rows.Count} have at least .99 of the sequences right, on 2,000 fresh sequences of the training lengths ({recipe.Settings.From}-{recipe.Settings.To}).").AppendLine();
        text.Append(Table(rows));
        return text.ToString();
    }
}
