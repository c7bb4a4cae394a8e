using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Labels;

namespace SubspaceCircuits.Tests.Subspaces.Labels;

public sealed class SubspaceLabelTests
{
    private const int Rows = 900, Width = 12;

    [Fact]
    public void Planted_variables_are_found_each_in_its_subspace_and_noise_is_none()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var (rows, variables, rotation) = Planted(generator);
        using var partition = new Partition(null, rotation, [3, 3, 3, 3], zeros(Width, dtype: float64), eye(Width, dtype: float64));

        var labels = SubspaceLabel.Of(partition, rows, variables);

        Assert.Equal(["token", "previous_token", "position", null], labels.Select(label => label.Label));
        foreach (var label in labels.Take(3))
        {
            var own = label.Variables[0];
            Assert.Equal(label.Label, own.Variable);
            Assert.InRange(own.Decoding, .9, 1);
            Assert.InRange(own.Captured, .95, 1 + 1e-6);
            Assert.True(own.Selectivity > .8 && own.Selectivity > own.NullSelectivity + (5 * own.NullSelectivityDeviation), $"{own}");
            Assert.True(own.Null < .8, $"{own}");
            Assert.Equal(label.Variables.Where(other => other != own).Select(other => own.Decoding - other.Decoding).Min(), own.Selectivity, 1e-12);
        }

        Assert.All(labels[3].Variables, variable => Assert.InRange(Math.Abs(variable.Decoding), 0, .1));
    }

    [Fact]
    public void Subspaces_of_a_random_rotation_have_no_label()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        var (rows, variables, _) = Planted(generator);
        for (var draw = 0; draw < 5; draw++)
        {
            using var partition = new Partition(null, Rotation.Random(Width, generator, float64), [3, 3, 6], zeros(Width, dtype: float64), eye(Width, dtype: float64));

            Assert.All(SubspaceLabel.Of(partition, rows, variables, new SubspaceLabelSettings { Seed = (ulong)draw }), label => Assert.Null(label.Label));
        }
    }

    [Fact]
    public void A_subspace_of_two_variables_is_of_neither()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var (rows, variables, rotation) = Planted(generator);
        using var partition = new Partition(null, rotation, [6, 6], zeros(Width, dtype: float64), eye(Width, dtype: float64));

        Assert.Null(SubspaceLabel.Of(partition, rows, variables)[0].Label); // tokens and previous tokens: both are read, none is selective
    }

    /// <summary>In a stream where tokens are read from anywhere, the next best variable may be read far better than from random subspaces, and still is not what the subspace is about.</summary>
    [Fact]
    public void A_subspace_is_of_what_is_read_best_not_of_what_is_rare()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        var random = new Random(8);
        long[] tokens = [.. Enumerable.Range(0, Rows).Select(_ => random.NextInt64(8))];
        long[] pairs = [.. tokens.Select(token => random.Next(2) == 0 ? token / 2 : random.NextInt64(4))]; // the token says half of it
        var codes = 3 * randn(8, 8, dtype: float64, generator: generator);
        var rows = cat([codes.index_select(0, tensor(tokens)), 20 * randn(Rows, 4, dtype: float64, generator: generator)], dim: 1) + 0.05 * randn(Rows, Width, dtype: float64, generator: generator);
        using var partition = new Partition(null, eye(Width, dtype: float64), [8, 4], zeros(Width, dtype: float64), eye(Width, dtype: float64));

        var label = SubspaceLabel.Of(partition, rows, new Dictionary<string, long[]> { ["pair"] = pairs, ["token"] = tokens })[0];

        Assert.Equal("token", label.Label);
        Assert.True(label.Variables[1].Decoding > label.Variables[1].Null + 0.05, $"{label.Variables[1]}");
    }

    [Fact]
    public void A_subspace_of_rounding_errors_has_no_label()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(9);
        var (rows, variables, rotation) = Planted(generator);
        var scales = cat([full(3, 1e-4, dtype: float64), ones(Width - 3, dtype: float64)], dim: 0);
        using var partition = new Partition(null, rotation, [3, 3, 6], zeros(Width, dtype: float64), eye(Width, dtype: float64));

        var label = SubspaceLabel.Of(partition, (rows.matmul(rotation) * scales).matmul(rotation.T), variables)[0];

        Assert.Equal(("token", null), (label.Variables[0].Variable, label.Label));
        Assert.InRange(label.VarianceShare, 0, 1e-7);
    }

    [Fact]
    public void Chance_is_the_share_of_pairs_of_equal_values_and_rows_without_a_value_do_not_count()
    {
        using var scope = NewDisposeScope();
        using var partition = new Partition(null, eye(2, dtype: float64), [1, 1], zeros(2, dtype: float64), eye(2, dtype: float64));
        var rows = tensor(new double[] { 0, 0, 0.1, 1, 5, 2, 5.1, 3, 9, 4 }, [5, 2]);

        var variable = SubspaceLabel.Of(partition, rows, new Dictionary<string, long[]> { ["v"] = [1, 1, 2, 2, -1] })[0].Variables.Single();

        Assert.Equal((1.0, 1.0 / 3, 1.0), (variable.Accuracy, variable.Chance, variable.Decoding));
    }

    [Fact]
    public void Values_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        using var partition = new Partition(null, eye(2), [1, 1], zeros(2), eye(2));

        Assert.Throws<ArgumentException>(() => SubspaceLabel.Of(partition, randn(5, 2), new Dictionary<string, long[]>()));
        Assert.Throws<ArgumentException>(() => SubspaceLabel.Of(partition, randn(5, 2), new Dictionary<string, long[]> { ["v"] = [1, 2] }));
        Assert.Throws<ArgumentException>(() => SubspaceLabel.Of(partition, randn(2, 2), new Dictionary<string, long[]> { ["v"] = [1, 2] }, new SubspaceLabelSettings { Controls = 1 }));
    }

    /// <summary>Three variables of eight values, each a code in three dimensions of its own, noise in three more, rotated at random.</summary>
    private static (Tensor Rows, Dictionary<string, long[]> Variables, Tensor Rotation) Planted(Generator generator)
    {
        string[] names = ["token", "previous_token", "position"];
        var random = new Random(7);
        var variables = names.ToDictionary(name => name, _ => Enumerable.Range(0, Rows).Select(_ => random.NextInt64(8)).ToArray());
        Tensor[] parts = [.. names.Select(name => Codes().index_select(0, tensor(variables[name]))), randn(Rows, 3, dtype: float64, generator: generator)];
        var rotation = Rotation.Random(Width, generator, float64);
        var rows = (cat(parts, dim: 1) + 0.05 * randn(Rows, Width, dtype: float64, generator: generator)).matmul(rotation.T);
        return (rows, variables, rotation);

        static Tensor Codes() => tensor([.. from x in new[] { -1.0, 1 } from y in new[] { -1.0, 1 } from z in new[] { -1.0, 1 } from v in new[] { x, y, z } select v], [8, 3]); // corners of a cube
    }
}
