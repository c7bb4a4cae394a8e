using CsCheck;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Tests.Training;

public sealed class TrainingSettingsTests
{
    private static readonly TrainingSettings Settings = new() { Steps = 1000, WarmUp = 100, LearningRate = 0.02 };

    [Fact]
    public void Rate_rises_in_a_straight_line_to_the_full_rate_at_the_last_step_of_the_warm_up()
    {
        foreach (var decay in Enum.GetValues<RateDecay>())
        {
            var settings = Settings with { Decay = decay };
            Assert.Equal(0.02 / 100, settings.RateAt(0), 1e-15);
            Assert.Equal(0.02 * 0.5, settings.RateAt(49), 1e-15);
            Assert.Equal(0.02, settings.RateAt(99), 1e-15);
            Assert.Equal(0.02, settings.RateAt(100), 1e-15);
            Assert.Equal(0.02, (settings with { WarmUp = 0 }).RateAt(0), 1e-15);
        }
    }

    [Theory]
    [InlineData(RateDecay.None, 1, 1, 1)]
    [InlineData(RateDecay.Linear, 0.5, 0.1, 1 / 900.0)]
    [InlineData(RateDecay.Cosine, 0.5, 0.05, 0.05)] // half a cosine at nine tenths is .0245, below the twentieth
    public void Rate_falls_in_the_form_that_was_asked_for(RateDecay decay, double halfway, double atNineTenths, double last)
    {
        var settings = Settings with { Decay = decay };

        Assert.Equal(0.02 * halfway, settings.RateAt(550), 1e-12);
        Assert.Equal(0.02 * atNineTenths, settings.RateAt(910), 1e-12);
        Assert.Equal(0.02 * last, settings.RateAt(999), 1e-12);
    }

    [Fact]
    public void Cosine_at_a_third_of_the_way_is_three_quarters() => Assert.Equal(0.02 * 0.75, Settings.RateAt(400), 1e-12);

    [Fact]
    public void Rate_is_positive_and_at_most_the_full_rate_whatever_the_lengths() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[0, 80], Gen.Enum<RateDecay>()).Sample((steps, warmUp, decay) =>
        {
            var settings = Settings with { Steps = steps, WarmUp = warmUp, Decay = decay };
            return Enumerable.Range(0, steps).All(step => settings.RateAt(step) is > 0 and <= 0.02);
        }, iter: 500);

    [Fact]
    public void Settings_out_of_range_are_refused_in_one_line()
    {
        TrainingSettings[] wrong =
        [
            new() { Steps = 0 }, new() { BatchSize = 0 }, new() { ValidateEvery = 0 }, new() { ValidationSamples = 0 }, new() { Seed = -1 }, new() { DataSetSize = -1 },
            new() { InitialScale = 0 }, new() { PositionScale = double.NaN }, new() { LearningRate = 0 }, new() { LearningRate = double.NaN }, new() { ClipNorm = 0 },
            new() { WeightDecay = -1 }, new() { WarmUp = -1 }, new() { Dropout = 1 }, new() { Dropout = -0.1 }, new() { Dropout = double.NaN }, new() { Beta1 = 1 }, new() { Beta2 = 1 },
        ];

        Assert.All(wrong, settings => Assert.DoesNotContain('\n', Assert.Throws<ArgumentException>(settings.Validate).Message));
        new TrainingSettings().Validate();
    }

    [Fact]
    public void Seeds_of_parts_and_steps_are_not_negative_and_meet_no_more_often_than_by_chance()
    {
        const int Count = 40_000;
        var all = new List<int>(5 * Count);
        foreach (var part in (int[])[Seeds.Validation, Seeds.Steps, Seeds.DataSet, Seeds.Epochs, Seeds.Dropout])
            all.AddRange(Enumerable.Range(0, Count).Select(number => Seeds.Of(3, part, number)));

        Assert.All(all, seed => Assert.True(seed >= 0));
        // Birthdays: 200,000²/2 pairs among 2³¹ seeds are 9.3 meetings, with a standard deviation of 3.
        Assert.InRange(all.Count - all.Distinct().Count(), 0, 25);
        // Seeds side by side are no more alike: half of their bits differ.
        Assert.Equal(15.5, Enumerable.Range(0, Count).Average(number => int.PopCount(Seeds.Of(number, 1) ^ Seeds.Of(number + 1, 1))), 0.1);
    }
}
