using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.KnownCircuits.Tasks;

/// <summary>A program as a task: its transformer must say at every position what the program computes there.</summary>
public sealed class ProgramTask : ITask
{
    private readonly KnownProgram _program;
    private readonly OutputScoring _scoring;

    /// <summary>The task of a program.</summary>
    /// <param name="name">Name that makes the same task again.</param>
    /// <param name="program">The program.</param>
    public ProgramTask(string name, KnownProgram program)
    {
        (Name, _program) = (name, program);
        var sets = ValueSets.Infer(program.Variables, program.Vocabulary, program.MaxLength);
        _scoring = new OutputScoring([.. program.Outputs.Select(output => new OutputValues(output.Encoding, sets[output].Values))]);
        Vocabulary = new Vocabulary([.. program.Vocabulary.Select(value => value.ToString()), "<bos>", "<pad>"]);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (1, _program.MaxLength);

    /// <inheritdoc/>
    public int NCtx => _program.MaxLength + 1;

    /// <inheritdoc/>
    public int Logits => _scoring.Logits;

    /// <inheritdoc/>
    public bool HasTokenLogits => false;

    /// <inheritdoc/>
    public IScoring Scoring => _scoring;

    /// <summary>A sequence of the program's distribution; the target of a position stands for the values of all outputs there.</summary>
    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        if (length < 1 || length > _program.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(length), $"{Name} has lengths 1 to {_program.MaxLength}, but {length} was asked for.");
        var sequence = _program.Sample(random, length);
        var run = _program.Run(sequence);
        return new TaskSample([.. _program.TokenIds(sequence).Select(id => (int)id)],
            [TaskSample.Unsupervised, .. Enumerable.Range(0, length).Select(at => _scoring.Target([.. _program.Outputs.Select(output => run[output][at])]))]);
    }
}
