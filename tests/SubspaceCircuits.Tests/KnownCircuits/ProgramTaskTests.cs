using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.KnownCircuits;

public class ProgramTaskTests
{
    [Theory]
    [InlineData("hist")]
    [InlineData("frac_prevs")]
    [InlineData("prev_token")]
    [InlineData("induction+hist+first_token")]
    public void Compiled_model_is_right_and_a_changed_one_is_not(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        var task = AllTasks.Find("rasp_" + id);
        using var scope = NewDisposeScope();
        using var known = Compiler.Compile(entry.Build(entry.Tested), new CompilerOptions { HasPad = true }).Assemble(id);
        Evaluation.RequireFits(known.Weights.Config, task);
        using var batch = new TaskBatch(TaskBatch.Draw(task, 1, entry.Tested.MaxLength, 64, new Random(1)), task.Vocabulary.Pad, CPU);

        var logits = Transformer.Forward(known.Weights, batch.Tokens);
        var shifted = logits.roll(1, 1);

        Assert.True(task.Scoring.IsRight(batch, logits).all().item<bool>());
        Assert.False(task.Scoring.IsRight(batch, shifted).all().item<bool>());
        Assert.True(task.Scoring.IsSame(logits, logits).all().item<bool>());
        Assert.False(task.Scoring.IsSame(logits, shifted).all().item<bool>());
        Assert.Equal(0, task.Scoring.Divergence(logits, logits).abs().max().item<double>(), 1e-12);
        Assert.True(task.Scoring.Divergence(logits, shifted).max().item<double>() > 0);
    }

    [Fact]
    public void Names_make_the_same_task_again()
    {
        Assert.Equal("rasp_hist:vocabulary=5", AllTasks.NameOf(ProgramCatalogue.Find("hist"), new ProgramSize(5, 9)));
        Assert.Equal((1, 9), AllTasks.Find("rasp_hist:vocabulary=5").Lengths);
        Assert.Equal("unique_copy", AllTasks.Find("unique_copy").Name);
        Assert.Contains("There is no task 'rasp_nothing'", Assert.Throws<ArgumentException>(() => AllTasks.Find("rasp_nothing")).Message);
    }
}
