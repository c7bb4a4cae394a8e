namespace SubspaceCircuits.Scores.Measures;

/// <summary>Counts of right and wrong answers about a universe of candidates, and the rates that follow.</summary>
/// <param name="TruePositives">Predicted and true.</param>
/// <param name="FalsePositives">Predicted but not true.</param>
/// <param name="FalseNegatives">True but not predicted.</param>
/// <param name="TrueNegatives">Neither.</param>
public sealed record Confusion(int TruePositives, int FalsePositives, int FalseNegatives, int TrueNegatives)
{
    /// <summary>Number of candidates.</summary>
    public int Universe => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    /// <summary>Part of the predicted that is true; null when nothing is predicted.</summary>
    public double? Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Part of the true that is predicted, also called true positive rate; null when nothing is true.</summary>
    public double? Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Part of the false that is predicted; null when nothing is false.</summary>
    public double? FalsePositiveRate => Ratio(FalsePositives, FalsePositives + TrueNegatives);

    /// <summary><c>2 TP / (2 TP + FP + FN)</c>: 0 when nothing is predicted of what is true or nothing true of what is predicted, 1 when neither is anything.</summary>
    public double F1 => Ratio(2 * TruePositives, 2 * TruePositives + Shd) ?? 1;

    /// <summary>Structural Hamming distance: edges to add or remove. Depth fixes directions, so none is reversed.</summary>
    public int Shd => FalsePositives + FalseNegatives;

    /// <summary><see cref="Shd"/> as part of the universe; 0 when there are no candidates.</summary>
    public double ShdShare => Ratio(Shd, Universe) ?? 0;

    /// <summary>Counts answers.</summary>
    public static Confusion Of(IEnumerable<(bool IsTrue, bool IsPredicted)> answers)
    {
        var counts = answers.CountBy(answer => answer).ToDictionary();
        int Count(bool isTrue, bool isPredicted) => counts.GetValueOrDefault((isTrue, isPredicted));
        return new Confusion(Count(true, true), Count(false, true), Count(true, false), Count(false, false));
    }

    private static double? Ratio(int part, int whole) => whole == 0 ? null : (double)part / whole;
}
