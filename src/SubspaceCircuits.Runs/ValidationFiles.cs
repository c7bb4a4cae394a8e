using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Interventions.Norms;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>A validation on disk: <c>validation.json</c>.</summary>
internal static class ValidationFiles
{
    private const int WorstSequences = 5;

    // Below these an assumption is said not to hold.
    private const double Match = .9, FirstOrder = .5, RankCorrelation = .3, CloserThan = .9;

    /// <summary>The document of a validation.</summary>
    public static ValidationDocument Document(Validation found, ValidationSettings settings, ITask task)
    {
        var own = found.Circuit;
        var coverage = found.Frontiers.First(frontier => frontier.Selection == "coverage");
        return new ValidationDocument("subspace-circuits/validation/1", NameOf(found.Ablation), found.Samples, settings.From, settings.To,
            own.MatchAccuracy, own.PositionMatch, own.TaskAccuracy, own.Kl, own.Edges, found.Of, found.ComponentEdges, found.ComponentOf, found.ModelTaskAccuracy,
            [.. ComponentGraph.Edges(found.Scored).Select(edge => $"{edge.Source} -> {edge.Reader}")],
            [.. found.Controls.Select(control => new ControlDocument(control.Name, control.MatchAccuracy, control.PositionMatch, control.TaskAccuracy, control.Kl, control.Edges))],
            [.. coverage.Points.Select(point => new FrontierDocument(point.At, point.Circuit.Edges, point.Circuit.MatchAccuracy, point.Circuit.PositionMatch, point.Circuit.TaskAccuracy, point.Circuit.Kl))])
        {
            Selections = [.. found.Frontiers.Select(frontier => new SelectionDocument(frontier.Selection, frontier.Stability, frontier.Cmd, frontier.Cpr, [.. frontier.Points.Select(Point)]))],
            Agreement = [.. found.Agreement.Select(family => new AgreementDocument(family.Kind, family.Edges, family.Energy, family.Variance, family.Nats))],
            Broken = [.. Broken(found)],
            KlOfSequences = Kl(found, task),
            Norms = found.Norms is { } norms ? Norms(norms) : null,
            Mlps = found.Mlps,
            HeadPairs = found.HeadPairs,
        };
    }

    private static IEnumerable<string> Broken(Validation found)
    {
        if (found.Norms is { OfMoments: { MatchAccuracy: < Match } price })
            yield return FormattableString.Invariant($"constant LayerNorm: with one constant in the place of each norm, and no edge ablated, the model gives its own answer on {price.MatchAccuracy:0.00} of sequences (KL {price.Kl:0.###} nats)");
        foreach (var mlp in found.Mlps)
        {
            if (mlp.Mean(target => target.Linear) is var linear && linear < FirstOrder)
                yield return FormattableString.Invariant($"MLP order: first order explains {linear:0.00} of what {mlp.Mlp} writes, first and second {mlp.Mean(target => target.Quadratic):0.00}");
        }

        if (found.Controls.FirstOrDefault(control => control.Name.StartsWith("random subspaces", StringComparison.Ordinal)) is { } control && control.Kl < CloserThan * found.Circuit.Kl)
            yield return FormattableString.Invariant($"subspaces: as many edges between random subspaces of the same sizes diverge less (KL {control.Kl:0.###} of {found.Circuit.Kl:0.###} nats)");
        // Energies are comparable within a map.
        var families = found.Agreement.Where(family => family is { Kind: not null, Energy: not null }).ToArray();
        if (families.Length > 0 && families.Sum(family => family.Edges * family.Energy!.Value) / families.Sum(family => family.Edges) is var agreement && agreement < RankCorrelation)
            yield return FormattableString.Invariant($"weights: the energy of edges hardly ranks the effect of ablating them (rank correlation within families {agreement:0.00})");
    }

    /// <summary>An ablation as it stands in files and options.</summary>
    public static string NameOf(Ablation ablation) => ablation.ToString().ToLowerInvariant();

    private static SelectionPointDocument Point(FrontierPoint point) => new(point.At, point.Circuit.Edges, point.ComponentEdges,
        point.Circuit.MatchAccuracy, point.Circuit.PositionMatch, point.Circuit.TaskAccuracy, point.Circuit.Kl);

    private static NormsDocument Norms(NormReport norms)
    {
        static PriceDocument Price(NormPrice price) => new(price.Kl, price.MatchAccuracy, price.TaskAccuracy);
        return new NormsDocument(Price(norms.OfMoments), Price(norms.Constant), Price(norms.PerClass), norms.Learned is { } learned ? Price(learned) : null,
            [.. norms.Readers.Select(reader => new NormReaderDocument(reader.Reader.Name, reader.Spread.Variation, reader.Constant.Kl))]);
    }

    private static KlDocument Kl(Validation found, ITask task)
    {
        double[] ascending = [.. found.Circuit.KlOfSamples.Order()];
        double Quantile(double share) => ascending[Math.Min(ascending.Length - 1, (int)(share * ascending.Length))];
        var worst = found.Sequences.Zip(found.Circuit.KlOfSamples).OrderByDescending(pair => pair.Second).Take(WorstSequences);
        return new KlDocument(Quantile(.5), Quantile(.9), Quantile(.99),
            [.. worst.Select(pair => new WorstDocument(string.Join(' ', pair.First.Tokens.Select(token => task.Vocabulary.Tokens[token])), pair.Second))]);
    }
}
