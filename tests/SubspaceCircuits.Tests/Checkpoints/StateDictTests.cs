using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Tests.Checkpoints;

public class StateDictTests
{
    [Fact]
    public void Take_removes_the_tensor_and_gives_it_to_the_callers_scope()
    {
        using var state = State();
        Tensor taken;
        using (NewDisposeScope())
        {
            taken = state.Take("transformer.wte.weight", -1, 3);

            Assert.False(taken.IsInvalid);
        }

        Assert.True(taken.IsInvalid);
        Assert.False(state.Contains("transformer.wte.weight"));
        Assert.Throws<CheckpointException>(() => state.Take("transformer.wte.weight"));
    }

    [Fact]
    public void Take_without_sizes_accepts_every_shape()
    {
        using var scope = NewDisposeScope();
        using var state = State();

        Assert.Equal([2, 3], state.Take("transformer.wte.weight").shape);
        Assert.Empty(state.Take("mask").shape);
    }

    [Fact]
    public void Take_with_a_wrong_shape_says_both_shapes()
    {
        using var state = State();

        var error = Assert.Throws<CheckpointException>(() => state.Take("transformer.wte.weight", -1, 4));

        Assert.Equal("m.safetensors: tensor 'transformer.wte.weight' should have shape [any, 4] but has [2, 3].", error.Message);
        Assert.True(state.Contains("transformer.wte.weight"));
    }

    [Theory]
    [InlineData("wte.weight", "transformer.wte.weight' [2, 3]")]
    [InlineData("transformer.wte.wieght", "transformer.wte.weight' [2, 3]")]
    [InlineData("masks", "mask' []")]
    public void Take_of_a_missing_name_suggests_the_nearest(string name, string nearest)
    {
        using var state = State();

        var error = Assert.Throws<CheckpointException>(() => state.Take(name, 5, -1));

        Assert.Equal($"m.safetensors: tensor '{name}' [5, any] is missing; the nearest name is '{nearest}.", error.Message);
    }

    [Fact]
    public void Take_from_an_empty_file_says_so()
    {
        using var state = new StateDict("m.pt", []);

        var error = Assert.Throws<CheckpointException>(() => state.Peek("w"));

        Assert.Equal("m.pt: tensor 'w' is missing; the file holds no tensors.", error.Message);
    }

    [Fact]
    public void RequireAllTaken_names_up_to_five_leftovers()
    {
        using var scope = NewDisposeScope();
        using var many = new StateDict("m.pt", Enumerable.Range(0, 7).Select(i => KeyValuePair.Create($"w{i}", ones(1))));
        using var one = new StateDict("m.pt", [KeyValuePair.Create("w", ones(1))]);

        Assert.Equal("m.pt: unexpected tensors 'w0', 'w1', 'w2', 'w3', 'w4' and 2 more.", Assert.Throws<CheckpointException>(many.RequireAllTaken).Message);
        Assert.Equal("m.pt: unexpected tensors 'w'.", Assert.Throws<CheckpointException>(one.RequireAllTaken).Message);
        one.Take("w").Dispose();
        one.RequireAllTaken();
    }

    [Fact]
    public void Tensors_outlive_the_scope_they_were_read_in_and_die_with_the_state()
    {
        var state = State();
        var tensor = state.Peek("mask");

        Assert.False(tensor.IsInvalid);
        state.Dispose();
        Assert.True(tensor.IsInvalid);
    }

    [Fact]
    public void One_tensor_under_two_names_survives_disposal_of_the_other()
    {
        using var scope = NewDisposeScope();
        var tied = ones(2);
        using var state = new StateDict("m.pt", [KeyValuePair.Create("a", tied), KeyValuePair.Create("b", tied)]);

        state.Take("a").Dispose();

        Same.Tensors(ones(2), state.Peek("b"));
    }

    private static StateDict State()
    {
        using var scope = NewDisposeScope();
        return new StateDict("m.safetensors", [KeyValuePair.Create("transformer.wte.weight", ones(2, 3)), KeyValuePair.Create("mask", ones([]))]);
    }
}
