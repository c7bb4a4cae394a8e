using SubspaceCircuits.Training;

namespace SubspaceCircuits.Tests.Training;

public sealed class TrainingSettingsTests
{
    private static readonly TrainingSettings Settings = new() { Steps = 110, WarmUp = 10, LearningRate = 2, Decay = RateDecay.None };

    [Theory]
    [InlineData(RateDecay.None, 0, 0.2)]
    [InlineData(RateDecay.None, 9, 2)]
    [InlineData(RateDecay.None, 109, 2)]
    [InlineData(RateDecay.Linear, 4, 1)]
    [InlineData(RateDecay.Linear, 60, 1)]
    [InlineData(RateDecay.Linear, 109, 0.02)]
    [InlineData(RateDecay.Cosine, 10, 2)]
    [InlineData(RateDecay.Cosine, 60, 1)]
    [InlineData(RateDecay.Cosine, 109, 0.1)]
    public void Rate_rises_and_falls_as_it_says(RateDecay decay, int step, double expected) =>
        Assert.Equal(expected, (Settings with { Decay = decay }).RateAt(step), 1e-12);

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        foreach (var wrong in new[] { Settings with { Dropout = 1 }, Settings with { Dropout = -0.1 }, Settings with { Beta1 = 1 }, Settings with { Beta2 = double.NaN }, Settings with { LearningRate = 0 }, Settings with { WeightDecay = -1 },
            Settings with { DataSetSize = -1 }, Settings with { Seed = -1 }, Settings with { BatchSize = 0 }, Settings with { ValidateEvery = 0 }, Settings with { ClipNorm = double.NaN } })
            Assert.Throws<ArgumentException>(wrong.Validate);
    }

    [Fact]
    public void Seeds_of_parts_and_steps_differ_and_are_not_negative()
    {
        var seeds = from seed in Enumerable.Range(0, 10)
                    from part in Enumerable.Range(1, 5)
                    from step in Enumerable.Range(0, 1000)
                    select Seeds.Of(seed, part, step);
        var drawn = seeds.ToArray();

        Assert.All(drawn, seed => Assert.True(seed >= 0));
        // 50,000 draws of 2³¹: about 0.6 collisions by chance.
        Assert.InRange(drawn.Distinct().Count(), drawn.Length - 6, drawn.Length);
    }
}
