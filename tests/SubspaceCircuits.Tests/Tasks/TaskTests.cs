using CsCheck;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Tasks.Published;

namespace SubspaceCircuits.Tests.Tasks;

/// <summary>What every sample of a task has.</summary>
public class TaskTests
{
    private const int Samples = 300;

    public static TheoryData<string> Names => [.. TaskRegistry.All.Select(task => task.Name)];

    [Fact]
    public void Unique_copy_is_bos_problem_sep_problem_eos() => Check(new UniqueCopy(), (vocabulary, length, tokens) =>
    {
        var problem = tokens[1..(length + 1)];
        Assert.Equal([vocabulary.Bos, .. problem, vocabulary["<sep>"], .. problem, vocabulary["<eos>"]], tokens);
        return (problem, FirstPredicted: length + 2);
    });

    [Fact]
    public void Unique_reverse_is_bos_problem_sep_reversed_problem_eos() => Check(new UniqueReverse(), (vocabulary, length, tokens) =>
    {
        var problem = tokens[1..(length + 1)];
        Assert.Equal([vocabulary.Bos, .. problem, vocabulary["<sep>"], .. problem.Reverse(), vocabulary["<eos>"]], tokens);
        return (problem, FirstPredicted: length + 2);
    });

    [Fact]
    public void Unique_token_pattern_is_bos_pattern_pattern() => Check(new UniqueTokenPattern(), (vocabulary, length, tokens) =>
    {
        var pattern = tokens[1..(length + 1)];
        Assert.Equal([vocabulary.Bos, .. pattern, .. pattern], tokens);
        return (pattern, FirstPredicted: length + 2);
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Longest_problem_fits_the_context_and_no_longer_one_is_drawn(string name)
    {
        var task = TaskRegistry.Find(name);
        var (min, max) = task.Lengths;

        Assert.Equal(task.NCtx, task.Sample(max, new Random(0)).Tokens.Length);
        foreach (var length in (int[])[min - 1, max + 1, -1, int.MinValue, int.MaxValue])
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => task.Sample(length, new Random(0)));
            Assert.Contains($"{name} has lengths {min} to {max}, but {length} was asked for.", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Same_seed_draws_the_same_samples_and_another_seed_others(string name)
    {
        var task = TaskRegistry.Find(name);
        int[][] Draw(int seed) => [.. TaskBatch.Draw(task, 5, 20, 20, new Random(seed)).Select(sample => sample.Tokens)];

        // Not below 0: Random takes the seed's absolute value.
        Gen.Int[0, int.MaxValue - 1].Sample(seed =>
        {
            Assert.Equal(Draw(seed), Draw(seed));
            Assert.NotEqual(Draw(seed), Draw(seed + 1));
        }, iter: 30, threads: 1);
    }

    // 4,000 draws of 19 to 150 equally likely outcomes: each is expected 26 times or more.
    [Theory]
    [MemberData(nameof(Names))]
    public void Every_token_and_every_length_occurs(string name)
    {
        var task = TaskRegistry.Find(name);
        var random = new Random(0);

        var lengths = TaskBatch.Draw(task, task.Lengths.Min, task.Lengths.Max, 4000, random).Select(sample => sample.Targets.Count(IsSupervised)).ToHashSet();
        var first = Enumerable.Range(0, 4000).Select(_ => task.Sample(task.Lengths.Min, random).Tokens[1]).ToHashSet();

        Assert.Equal(task.Lengths.Max - task.Lengths.Min + 1, lengths.Count);
        Assert.Equal(Enumerable.Range(0, task.Vocabulary.TaskTokens), first.Order());
    }

    [Fact]
    public void Predicted_tokens_begin_at_the_index_asked_for()
    {
        var sample = TaskSample.PredictFrom([7, 8, 9, 10], 2);

        Assert.Equal([TaskSample.Unsupervised, 9, 10, TaskSample.Unsupervised], sample.Targets);
    }

    /// <summary>Draws problems of all lengths; <paramref name="read"/> checks the framing and says what the problem and the first predicted index are.</summary>
    private static void Check(ITask task, Func<Vocabulary, int, int[], (int[] Problem, int FirstPredicted)> read) =>
        Gen.Select(Gen.Int[task.Lengths.Min, task.Lengths.Max], Gen.Int).Sample((length, seed) =>
        {
            var (tokens, targets) = task.Sample(length, new Random(seed));
            var (problem, firstPredicted) = read(task.Vocabulary, length, tokens);

            Assert.Equal(length, problem.Distinct().Count());
            Assert.All(problem, token => Assert.InRange(token, 0, task.Vocabulary.TaskTokens - 1));
            Assert.Equal(tokens.Length, targets.Length);
            for (var position = 0; position < tokens.Length; position++)
            {
                var isPredicted = position + 1 >= firstPredicted && position + 1 < tokens.Length;
                Assert.Equal(isPredicted ? tokens[position + 1] : TaskSample.Unsupervised, targets[position]);
            }
        }, iter: Samples, threads: 1);

    private static bool IsSupervised(int target) => target != TaskSample.Unsupervised;
}
