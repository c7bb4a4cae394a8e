using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Subspaces.Information;
using SubspaceCircuits.Subspaces.Synthetic;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class TruthFilesTests
{
    [Fact]
    public void Activations_and_what_they_hold_are_written()
    {
        using var folder = new TemporaryFolder();
        var settings = new SyntheticSettings { Groups = [new(3, 8), new(2, 8), new(2, 0)], Dependences = [new(0, 1, 1)], Rows = 2000, Seed = 4 };
        using var made = SyntheticActivations.Make(settings);

        TruthFiles.Write(folder["s"], "s", settings, made);

        var truth = Json.Read<TruthDocument>(folder["s", "truth.json"]);
        Assert.Equal(["categorical", "categorical", "gaussian"], truth.Variables.Select(variable => variable.Encoding));
        Assert.Equal([3, 2, 2], truth.Variables.Select(variable => variable.Dims));
        Assert.Equal(["v0", "v1"], truth.Dependence!.Order);
        Assert.Equal(7, truth.DModel);
        Assert.Equal(3, truth.Dependence!.MutualInformationBits[0][0], 0.05); // 8 values, all as frequent
        Assert.Equal(truth.Dependence!.MutualInformationBits[0][0], truth.Dependence!.MutualInformationBits[0][1], 1e-9); // a copy
        using var scope = NewDisposeScope();
        using var bases = Safetensors.Read(folder["s", "truth.safetensors"]);
        Assert.True(bases.Take(truth.Variables[1].Basis, 7, 2).equal(made.Variables[1].Basis).all().item<bool>());
        using var rows = Safetensors.Read(folder["s", "activations.safetensors"]);
        Assert.True(rows.Take("activations", 2000, 7).equal(made.Rows).all().item<bool>());
    }

    [Fact]
    public void Independent_values_share_nothing()
    {
        var random = new Random(1);
        long[] Values() => [.. Enumerable.Range(0, 50_000).Select(_ => random.NextInt64(4))];

        Assert.InRange(PlugIn.Bits(Values(), Values()), 0, 0.001);
    }
}
