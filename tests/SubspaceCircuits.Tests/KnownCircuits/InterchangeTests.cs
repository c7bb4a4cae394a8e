using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;

namespace SubspaceCircuits.Tests.KnownCircuits;

public class InterchangeTests
{
    public static TheoryData<string> Programs() => [.. ProgramCatalogue.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Swapping_a_true_subspace_is_swapping_the_variable(string id)
    {
        var program = ProgramCatalogue.Find(id).Build(ProgramCatalogue.Find(id).Tested);
        using var scope = NewDisposeScope();
        using var model = Compiler.Compile(program).Assemble(id);

        var (swaps, mixed) = (Interchange.Run(program, model, 120, seed: 3), Interchange.Run(program, model, 120, seed: 3, isMixed: true));

        Assert.All(swaps.Concat(mixed), swap => Assert.Equal(swap.Compared, swap.Equal));
        Assert.All(swaps, swap => Assert.True(swap.Compared > 0, swap.Variable));
        Assert.Contains(mixed, swap => swap.Changed > 0);
    }

    public static TheoryData<string, DisguiseLevel> DisguisedPrograms() => [.. from entry in ProgramCatalogue.All from level in new[] { DisguiseLevel.D1, DisguiseLevel.D2 } select (entry.Id, level)];

    [Theory]
    [MemberData(nameof(DisguisedPrograms))]
    public void Swapping_a_disguised_subspace_is_swapping_the_variable(string id, DisguiseLevel level)
    {
        var program = ProgramCatalogue.Find(id).Build(ProgramCatalogue.Find(id).Tested);
        using var scope = NewDisposeScope();
        using var model = DisguiseLevels.Apply(Compiler.Compile(program), level, seed: 5).Parts.Assemble(id);

        var (swaps, mixed) = (Interchange.Run(program, model, 24, seed: 3), Interchange.Run(program, model, 24, seed: 3, isMixed: true));

        Assert.All(swaps.Concat(mixed), swap => Assert.Equal(swap.Compared, swap.Equal));
        Assert.All(swaps, swap => Assert.True(swap.Compared > 0, swap.Variable));
        Assert.Contains(mixed, swap => swap.Changed > 0);
    }

    [Fact]
    public void Positions_have_no_effect_at_one_length()
    {
        var effects = new CausalEffects(ProgramCatalogue.Find("reverse").Build(ProgramCatalogue.Find("reverse").Tested));

        Assert.Equal(new CausalEffect(true, true), effects.Of("reverse", 2));  // tokens, as values
        Assert.Equal(new CausalEffect(false, true), effects.Of("reverse", 1)); // opp_idx, as queries
        Assert.Equal(new CausalEffect(false, false), effects.Of("reverse", 0)); // indices, as keys
        Assert.Equal(new CausalEffect(false, true), effects.Of("opp_idx", 0)); // length
        Assert.Equal(new CausalEffect(true, true), effects.Of("reverse"));
    }

    [Fact]
    public void Tokens_matter_as_keys_and_queries_of_induction()
    {
        var effects = new CausalEffects(ProgramCatalogue.Find("induction").Build(ProgramCatalogue.Find("induction").Tested));

        Assert.Equal(new CausalEffect(false, false), effects.Of("prev_tok", 0));
        Assert.Equal(new CausalEffect(false, false), effects.Of("prev_tok", 1));
        Assert.Equal(new CausalEffect(true, true), effects.Of("prev_tok", 2));
        Assert.Equal(new CausalEffect(true, true), effects.Of("pred", 0));
        Assert.Equal(new CausalEffect(true, true), effects.Of("pred", 1));
        Assert.Equal(new CausalEffect(true, true), effects.Of("pred", 2));
    }
}
