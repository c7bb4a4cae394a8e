namespace SubspaceCircuits.Tasks;

/// <summary>A family of sequences with right answers.</summary>
public interface ITask
{
    /// <summary>Name, as in the published scheme, followed by the options that are not the default ones: <c>unique_ngram_pattern:n=3</c>. <see cref="TaskRegistry.Find(string)"/> makes the same task of it.</summary>
    string Name { get; }

    /// <summary>Its tokens.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>Shortest and longest problem that the task can make; a problem's length counts its own tokens, not the specials.</summary>
    (int Min, int Max) Lengths { get; }

    /// <summary>Whether there are problems of a length within <see cref="Lengths"/>: some languages have words of even length only.</summary>
    bool HasLength(int length) => length >= Lengths.Min && length <= Lengths.Max;

    /// <summary>Positions that a model of this task has, BOS included; no fewer than the longest sequence has.</summary>
    int NCtx { get; }

    /// <summary>Logits that a model of this task has at least.</summary>
    int Logits => Vocabulary.Tokens.Count;

    /// <summary>Whether logits are of the tokens, by their ids.</summary>
    bool HasTokenLogits => true;

    /// <summary>When a prediction is right.</summary>
    IScoring Scoring => NextTokenScoring.Instance;

    /// <summary>Draws one sequence.</summary>
    /// <param name="length">Length of the problem, one that <see cref="HasLength"/>.</param>
    /// <param name="random">Where chance comes from: same state, same sample.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no problems of this length.</exception>
    TaskSample Sample(int length, Random random);
}
