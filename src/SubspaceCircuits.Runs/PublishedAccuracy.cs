using System.Globalization;
using System.Text.RegularExpressions;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Runs;

/// <summary>A published share of sequences that a model gets right, of 2,000 sequences of some lengths.</summary>
/// <param name="From">Shortest length.</param>
/// <param name="To">Longest length.</param>
/// <param name="Value">The share.</param>
public sealed partial record PublishedAccuracy(int From, int To, double Value)
{
    /// <summary>Name of the file that holds them, beside the weights.</summary>
    public const string FileName = "acc.txt";

    /// <summary>
    /// How far a measurement may lie from it. Both are shares of 2,000: near 0 and 1 the standard deviation of their difference is below 0.007,
    /// in the middle 0.016.
    /// </summary>
    public double Tolerance => Value is >= 0.95 or <= 0.05 ? 0.02 : 0.04;

    /// <summary>Reads the file of a model folder: <c>eval_len0-50_acc: 1.0</c> for each range, among other fields.</summary>
    /// <exception cref="CheckpointException">There is no such file, or no accuracy in it.</exception>
    public static IReadOnlyList<PublishedAccuracy> Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new CheckpointException(path, "expected a file of published accuracies, but there is none");
        var found = Parse(File.ReadAllText(path));
        return found.Count > 0 ? found : throw new CheckpointException(path, "expected accuracies such as 'eval_len0-50_acc: 1.0', but found none");
    }

    /// <summary>The accuracies in a text, in its order; tabs or spaces between the fields.</summary>
    public static IReadOnlyList<PublishedAccuracy> Parse(string text) => [.. Field().Matches(text).Select(match => new PublishedAccuracy(
        int.Parse(match.Groups["from"].Value, CultureInfo.InvariantCulture),
        int.Parse(match.Groups["to"].Value, CultureInfo.InvariantCulture),
        double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)))];

    [GeneratedRegex(@"\beval_len(?<from>\d{1,6})-(?<to>\d{1,6})_acc\s*:\s*(?<value>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)")]
    private static partial Regex Field();
}
