using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Disguises;

/// <summary>Codes of variables, and other changes of the stream that variables do not survive whole.</summary>
public class EncodeTests
{
    [Theory]
    [InlineData(.5)]
    [InlineData(.6)]
    [InlineData(.75)]
    public void Superposed_values_never_look_alike(double share)
    {
        using var scope = NewDisposeScope();
        var parts = Made("reverse", new Encode(share), new Rotate());

        foreach (var variable in parts.Variables)
        {
            var values = variable.Writes.shape[0];
            var read = variable.Writes.matmul(variable.Reads);
            Assert.InRange((read.diagonal() - 1).abs().max().item<double>(), 0, 1e-9);
            Assert.InRange((read - eye(values, dtype: float64)).max().item<double>(), -1e-9, 1e-9);
            Assert.Equal(variable.Encoding is Encoding.Categorical && values > 2 ? (long)Math.Ceiling(share * values) : values, variable.Basis().shape[1]);
        }
    }

    [Fact]
    public void Exact_codes_are_not_orthogonal_and_may_take_more_dimensions_than_values()
    {
        using var scope = NewDisposeScope();
        var parts = Made("hist", new Encode(1.5));

        Assert.Equal(1 + 5 + 1 + 9, parts.DModel); // BOS, three tokens, what counts, counts from 0 to 5
        var tokens = parts.Variables.Single(variable => variable.Id == "tokens").Writes;
        Assert.True(tokens.matmul(tokens.T).triu(1).abs().max().item<double>() > .05);
    }

    [Fact]
    public void Variables_are_oblique_in_an_oblique_basis()
    {
        using var scope = NewDisposeScope();
        KnownVariable[] variables = [.. Made("reverse", new MakeOblique()).Variables];

        Assert.True(variables[1].Basis().T.matmul(variables[2].Basis()).abs().max().item<double>() > .1);
        Assert.InRange(variables[1].Writes.matmul(variables[2].Reads).abs().max().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void Compressed_stream_has_fewer_dimensions_and_reads_every_code_as_one()
    {
        using var scope = NewDisposeScope();
        var (whole, parts) = (Made("dedup"), Made("dedup", new Compress { Share = .8 }));

        Assert.Equal((int)Math.Ceiling(.8 * whole.DModel), parts.DModel);
        Assert.All(parts.Variables, variable => Assert.InRange((variable.Writes.matmul(variable.Reads).diagonal() - 1).abs().max().item<double>(), 0, 1e-9));
    }

    [Fact]
    public void Settings_out_of_range_say_what_is_right()
    {
        using var scope = NewDisposeScope();

        Fails("at least half as many dimensions", new Encode(.4));
        Fails("Encode them before any disguise that is approximate", new Encode(.6), new Encode(.6));
        Fails("above 0 and at most 1", new Compress { Share = 1.1 });
        Fails("should be 1 or more", new GaugeHeads { MaxCondition = .5 });
        Fails("should be 1 or more", new ScaleNeurons { Limit = 0 });

        static void Fails(string why, params IDisguise[] disguises) => Assert.Contains(why, Assert.Throws<ArgumentException>(() => Made("hist", disguises)).Message);
    }

    private static ModelParts Made(string name, params IDisguise[] disguises) => Composition.Apply(Compiler.Compile(SmallPrograms.Named(name)), disguises, seed: 3).Parts;
}
