using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Tasks;

/// <summary>Outcomes drawn from predictions, and their likelihood.</summary>
public sealed class OutcomeTests
{
    private static IScoring Program => AllTasks.Find("rasp_frac_prevs:vocabulary=3,length=5").Scoring; // a number
    private static IScoring Categorical => AllTasks.Find("rasp_hist:vocabulary=3,length=5").Scoring;

    public static TheoryData<string> Names => ["token", "set", "number", "category"];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_mean_divergence_is_the_mean_of_the_drawn_log_likelihood_ratios(string name)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var scoring = Scoring(name);
        var size = name == "number" ? 1 : name == "category" ? LogitsOf("rasp_hist:vocabulary=3,length=5") : 4;
        Tensor whole = randn([1, 1, size], dtype: float64, generator: generator).expand(1, 40_000, -1).contiguous(), other = randn([1, 1, size], dtype: float64, generator: generator).expand_as(whole).contiguous();

        var outcome = scoring.Sample(whole, generator);
        var ratio = scoring.LogLikelihood(whole, outcome) - scoring.LogLikelihood(other, outcome); // [1, 40000]

        // E_p[ln p − ln q] is the divergence, within five standard errors.
        var expected = scoring.Divergence(whole, other)[0, 0].item<double>();
        Assert.InRange(ratio.mean().item<double>(), expected - 5 * ratio.std().item<double>() / 200, expected + 5 * ratio.std().item<double>() / 200);
        Assert.True(expected > 0.01);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_prediction_is_more_likely_than_any_draw(string name)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        var scoring = Scoring(name);
        var size = name == "number" ? 1 : name == "category" ? LogitsOf("rasp_hist:vocabulary=3,length=5") : 4;
        var logits = randn([3, 50, size], dtype: float64, generator: generator);

        var best = scoring.LogLikelihood(logits, scoring.Predict(logits));

        Assert.True(best.ge(scoring.LogLikelihood(logits, scoring.Sample(logits, generator)) - 1e-12).all().item<bool>());
    }

    private static IScoring Scoring(string name) => name switch { "token" => NextTokenScoring.Instance, "set" => NextSetScoring.Instance, "number" => Program, _ => Categorical };

    private static int LogitsOf(string task) => AllTasks.Find(task).Logits;
}
