using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Tasks.Published;
using SubspaceCircuits.Tests.Models;

namespace SubspaceCircuits.Tests.Tasks;

public class EvaluationTests
{
    private static readonly UniqueCopy Task = new();

    [Fact]
    public void Batch_is_padded_on_the_right_and_unsupervised_there()
    {
        using var scope = NewDisposeScope();
        using var batch = new TaskBatch([new([5, 6, 7], [-100, 7, -100]), new([8], [9])], pad: 99);

        Assert.Equal([5L, 6, 7, 8, 99, 99], batch.Tokens.data<long>().ToArray());
        Assert.Equal([-100L, 7, -100, 9, -100, -100], batch.Targets.data<long>().ToArray());
        Assert.Equal([2, 3], batch.Tokens.shape);
        Assert.Equal(ScalarType.Int64, batch.Tokens.dtype);
        Assert.Throws<ArgumentException>(() => new TaskBatch([], pad: 0));
    }

    [Fact]
    public void Oracle_is_right_on_every_sample()
    {
        var samples = TaskBatch.Draw(Task, 1, 20, 50, new Random(1));

        Assert.Equal(50, Evaluation.CountRight(Task, samples, CPU, Oracle(samples)));
    }

    [Fact]
    public void One_wrong_position_costs_its_sample_and_only_that()
    {
        var samples = TaskBatch.Draw(Task, 1, 20, 50, new Random(2));
        for (var row = 0; row < samples.Count; row++)
        {
            var supervised = Enumerable.Range(0, samples[row].Targets.Length).Where(position => samples[row].Targets[position] >= 0).ToArray();
            foreach (var position in (int[])[supervised[0], supervised[^1]])
                Assert.Equal(49, Evaluation.CountRight(Task, samples, CPU, Oracle(samples, (row, position))));
        }
    }

    [Fact]
    public void Wrong_answers_where_nothing_is_asked_cost_nothing()
    {
        var samples = TaskBatch.Draw(Task, 5, 9, 10, new Random(3));

        for (var position = 0; position <= 4; position++)
            Assert.Equal(10, Evaluation.CountRight(Task, samples, CPU, Oracle(samples, (position, position))));
    }

    [Fact]
    public void Batches_hold_every_sample_once_and_are_bounded()
    {
        var samples = TaskBatch.Draw(Task, 1, 150, 500, new Random(4));

        var batches = Evaluation.Batches(samples, Task.NCtx).ToList();

        Assert.Equal(samples.ToHashSet(ReferenceEqualityComparer.Instance), batches.SelectMany(batch => batch).ToHashSet(ReferenceEqualityComparer.Instance));
        Assert.All(batches, batch => Assert.InRange(batch.Count * batch.Max(sample => sample.Tokens.Length), 1, 4_096));
        Assert.Throws<ArgumentException>(() => Evaluation.Batches(samples, 100));
    }

    [Fact]
    public void Draw_clips_the_range_to_the_task_and_refuses_what_lies_outside()
    {
        var task = new UniqueTokenPattern(characters: 36, longest: 20);

        Assert.All(TaskBatch.Draw(task, 0, 3, 50, new Random(5)), sample => Assert.InRange(sample.Tokens.Length, 5, 7));
        foreach (var (from, to) in new[] { (21, 30), (0, 1), (9, 8) })
            Assert.Contains($"has lengths 2 to 20, but {from}-{to} were asked for", Assert.Throws<ArgumentException>(() => TaskBatch.Draw(task, from, to, 1, new Random(0))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => TaskBatch.Draw(task, 2, 3, 0, new Random(0)));
    }

    [Fact]
    public void Evenly_drawn_lengths_are_as_frequent_as_can_be_and_all_reachable()
    {
        int[] Lengths(ITask task, int from, int to, int count, int seed) => [.. TaskBatch.DrawEvenly(task, from, to, count, new Random(seed)).Select(sample => sample.Tokens.Length)];

        Assert.Equal(Enumerable.Range(51, 50).SelectMany(length => Enumerable.Repeat(2 * length + 3, 40)), Lengths(Task, 51, 100, 2000, seed: 0));
        Assert.Equal(Enumerable.Range(51, 50).Select(length => 2 * length + 3), Enumerable.Range(0, 200).SelectMany(seed => Lengths(Task, 51, 100, 10, seed)).Distinct().Order());
        Assert.Equal([6, 6, 8, 8], Lengths(TaskRegistry.Find("bce_D2"), 3, 7, 4, seed: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TaskBatch.DrawEvenly(Task, 1, 2, 0, new Random(0)));
    }

    [Fact]
    public void Model_of_another_vocabulary_is_refused_and_a_cancelled_evaluation_stops()
    {
        using var golden = new GoldenModel("mlp-relu");
        Assert.Contains("has 154 tokens, but the model knows 9", Assert.Throws<ArgumentException>(() =>
            Evaluation.WholeSequence(golden.Weights, Task, 1, 3, 10, seed: 0, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

        using var scope = NewDisposeScope();
        var config = golden.Config with { DVocab = 154 };
        using var wide = WeightNames.Assemble(config, name => WeightNames.Shapes(config).Where(entry => entry.Name == name).Select(entry => zeros(entry.Shape)).Single());
        Assert.Throws<OperationCanceledException>(() => Evaluation.WholeSequence(wide, Task, 1, 2, 10, seed: 0, new CancellationToken(canceled: true)));
        Assert.Equal(new RangeAccuracy(1, 2, 10, 0), Evaluation.WholeSequence(wide, Task, 1, 2, 10, seed: 0, TestContext.Current.CancellationToken));
        Assert.Contains("The model has 8 positions, but these problems need ", Assert.Throws<ArgumentException>(() =>
            Evaluation.WholeSequence(wide, Task, 3, 3, 10, seed: 0, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    /// <summary>Logits that are right wherever something is asked, except at one place.</summary>
    private static Func<Tensor, Tensor> Oracle(List<TaskSample> samples, (int Row, int Position)? wrong = null) => _ =>
    {
        using var batch = new TaskBatch(samples, Task.Vocabulary.Pad);
        var answers = batch.Targets.clamp_min(0);                                     // [batch, pos]
        if (wrong is var (row, position))
            answers[row, position] = (answers[row, position] + 1) % Task.Vocabulary.Tokens.Count;
        return nn.functional.one_hot(answers, Task.Vocabulary.Tokens.Count).to(float32); // [batch, pos, vocab]
    };
}
