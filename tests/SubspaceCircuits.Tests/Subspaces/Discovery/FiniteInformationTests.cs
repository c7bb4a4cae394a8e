using SubspaceCircuits.Subspaces.Discovery;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Tests.Subspaces.Discovery;

public sealed class FiniteInformationTests
{
    // n = 1,500 twice: an estimate has a standard deviation of about .01.
    private const double Tolerance = 0.04;

    private static readonly FiniteInformation Measure = new();

    [Fact]
    public void Independent_groups_share_nothing()
    {
        using var made = TwoGroups();

        Near.Equal(0, Of(made, 0), Tolerance);
    }

    [Theory]
    [InlineData(2, 0.05)]
    [InlineData(1, 0.04)]
    public void A_tilt_of_a_few_degrees_stays_below_what_separates_subspaces(double degrees, double most)
    {
        // Without the blur the estimate is at 1.6 nats at one degree (discovery of the reference, table of tilts), though nothing is shared.
        using var made = TwoGroups();

        Assert.InRange(Of(made, degrees), -Tolerance, most);
    }

    [Fact]
    public void A_copy_three_times_in_ten_shares_what_theory_says()
    {
        // v₂ := v₁ with probability ρ: I = Σ p log(p / (1/K²)) over the joint table, over log K.
        const int K = 16;
        const double Rho = 0.3;
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(4, K), new(4, K)], Dependences = [new(0, 1, Rho)], Seed = 3 });

        double same = (Rho + (1 - Rho) / K) / K, other = (1 - Rho) / K / K;
        var theory = (K * same * Math.Log(same * K * K) + K * (K - 1) * other * Math.Log(other * K * K)) / Math.Log(K);
        Near.Equal(theory, Of(made, 0), 0.05);
    }

    [Fact]
    public void A_function_of_the_other_shares_nearly_all()
    {
        using var scope = NewDisposeScope();
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(4, 12)], Seed = 1 });
        using var generator = new Generator(0);
        var x = made.Rows;

        Assert.InRange(Measure.Of(x, x.square(), generator).Share, 0.8, 1.1);
    }

    [Fact]
    public void Too_few_rows_are_refused()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0);

        Assert.Throws<ArgumentException>(() => Measure.Of(zeros(4, 2), zeros(4, 2), generator));
        Assert.Throws<ArgumentException>(() => Measure.Of(zeros(50, 2), zeros(40, 2), generator));
    }

    private static SyntheticActivations TwoGroups() => SyntheticActivations.Make(new SyntheticSettings { Groups = [new(4, 12), new(4, 12)], Seed = 5 });

    /// <summary>Dependence of the true groups after every direction of the first is turned into one of the second.</summary>
    private static double Of(SyntheticActivations made, double degrees)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0);
        double cos = Math.Cos(degrees * Math.PI / 180), sin = Math.Sin(degrees * Math.PI / 180);
        Tensor a = made.Rows.matmul(made.Variables[0].Basis), b = made.Rows.matmul(made.Variables[1].Basis);
        return Measure.Of(cos * a + sin * b, cos * b - sin * a, generator).Share;
    }
}
