using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Tasks;

public class NextSetScoringTests
{
    private static readonly ITask Task = TaskRegistry.Find("bce_D3");

    [Fact]
    public void Batch_has_the_sets_as_booleans()
    {
        using var scope = NewDisposeScope();
        using var batch = new TaskBatch([new([0, 1], [1, TaskSample.Unsupervised]) { NextSets = [[1, 2], null] }, new([2], [0]) { NextSets = [[0]] }], pad: 3);

        Assert.Equal([2, 2, 4], batch.NextSets!.shape);
        Assert.Equal([false, true, true, false, false, false, false, false, true, false, false, false, false, false, false, false], batch.NextSets.data<bool>().ToArray());
    }

    [Fact]
    public void Samples_with_and_without_sets_do_not_mix() =>
        Assert.Throws<ArgumentException>(() => new TaskBatch([new([0], [1]) { NextSets = [[1]] }, new([0], [1])], pad: 3));

    [Fact]
    public void One_wrong_entry_makes_its_position_wrong_and_no_other()
    {
        using var scope = NewDisposeScope();
        using var batch = new TaskBatch(TaskBatch.Draw(Task, 2, 6, 3, new Random(1)), Task.Vocabulary.Pad);
        var right = Logits(batch, Task.Vocabulary.Tokens.Count);
        Assert.True(Task.Scoring.IsRight(batch, right).all().item<bool>());

        for (var row = 0; row < batch.Samples.Count; row++)
        {
            for (var position = 0; position < batch.Tokens.shape[1]; position++)
            {
                for (var token = 0; token < Task.Vocabulary.Tokens.Count; token++)
                {
                    var wrong = right.clone();
                    wrong[row, position, token] *= -1;
                    var isScored = position < batch.Samples[row].Tokens.Length - 1;
                    var isRight = Task.Scoring.IsRight(batch, wrong);
                    Assert.Equal(!isScored, isRight[row, position].item<bool>());
                    Assert.Equal(isRight.numel() - (isScored ? 1 : 0), isRight.sum().item<long>());
                }
            }
        }
    }

    [Fact]
    public void Logit_of_zero_means_no()
    {
        using var scope = NewDisposeScope();
        using var batch = new TaskBatch([Task.Sample(2, new Random(0))], Task.Vocabulary.Pad);
        var logits = Logits(batch, Task.Vocabulary.Tokens.Count);

        Assert.True(Task.Scoring.IsRight(batch, logits.clamp_min(0)).all().item<bool>());
        Assert.False(Task.Scoring.IsRight(batch, logits.clamp_max(0)).all().item<bool>());
    }

    [Fact]
    public void Tokens_that_only_the_model_knows_may_never_come_next()
    {
        using var scope = NewDisposeScope();
        using var batch = new TaskBatch([Task.Sample(4, new Random(0))], Task.Vocabulary.Pad);
        var logits = Logits(batch, Task.Vocabulary.Tokens.Count + 2);

        Assert.True(Task.Scoring.IsRight(batch, logits).all().item<bool>());
        logits[0, 1, Task.Vocabulary.Tokens.Count + 1] = 0.5f;
        Assert.Equal([true, false, true, true, true, true], Task.Scoring.IsRight(batch, logits).data<bool>().ToArray());
    }

    [Fact]
    public void Same_prediction_is_the_same_sign_everywhere()
    {
        using var scope = NewDisposeScope();
        var one = tensor(new float[] { 1, -1, 2, -2 }).reshape(1, 2, 2);
        var other = tensor(new float[] { 3, -9, 2, 2 }).reshape(1, 2, 2);

        Assert.Equal([true, false], NextSetScoring.Instance.IsSame(one, other).data<bool>().ToArray());
    }

    // float32 sums of six terms of order 1 to 30.
    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public void Divergence_is_that_of_independent_coins(double scale)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor whole = scale * randn([2, 3, 6], generator: generator), found = scale * randn([2, 3, 6], generator: generator);
        Tensor p = whole.to(float64).exp(), q = found.to(float64).exp(); // odds
        // p ln(p/q) + (1 - p) ln((1 - p)/(1 - q)) with probabilities odds / (1 + odds)
        var expected = (p / (1 + p) * (p.log() - q.log()) + q.log1p() - p.log1p()).sum(dim: -1);

        var divergence = NextSetScoring.Instance.Divergence(whole, found);

        Assert.Equal([2, 3], divergence.shape);
        Assert.True(divergence.to(float64).allclose(expected, rtol: 1e-5, atol: 1e-5));
        Assert.True(NextSetScoring.Instance.Divergence(whole, whole).abs().max().item<float>() < 1e-6f);
    }

    [Fact]
    public void Evaluation_counts_samples_whose_every_set_is_right()
    {
        var samples = TaskBatch.Draw(Task, 2, 20, 30, new Random(2));

        Assert.Equal(30, Evaluation.CountRight(Task, samples, CPU, Predict(samples, wrongRows: 0)));
        Assert.Equal(23, Evaluation.CountRight(Task, samples, CPU, Predict(samples, wrongRows: 7)));
    }

    private static Func<Tensor, Tensor> Predict(IReadOnlyList<TaskSample> samples, int wrongRows) => _ =>
    {
        using var batch = new TaskBatch(samples, Task.Vocabulary.Pad);
        var logits = Logits(batch, Task.Vocabulary.Tokens.Count);
        for (var row = 0; row < wrongRows; row++)
            logits[row, 1, 0] *= -1;
        return logits;
    };

    /// <summary>1 for what may come next, −1 for all else. [batch, pos, vocab]</summary>
    private static Tensor Logits(TaskBatch batch, int vocabulary)
    {
        var logits = -ones(batch.Tokens.shape[0], batch.Tokens.shape[1], vocabulary);
        logits.narrow(2, 0, batch.NextSets!.shape[2]).add_(2 * batch.NextSets.to(float32));
        return logits;
    }
}
