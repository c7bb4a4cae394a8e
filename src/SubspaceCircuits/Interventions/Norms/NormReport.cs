using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Norms;

/// <summary>LayerNorm as constants, and what that costs: how far a reading of the weights that takes norms as affine can be trusted.</summary>
/// <param name="Readers">Every reader, in the order of the computation; none where the model has no norms.</param>
/// <param name="Classes">Names of the classes of positions.</param>
/// <param name="ModelTaskAccuracy">Task accuracy of the model itself on the sequences of the prices.</param>
/// <param name="OfMoments">Price of one constant for each reader, <c>1/√E[σ²]</c>: that of a circuit's scores.</param>
/// <param name="Constant">Price of one constant for each reader, the mean of 1/σ.</param>
/// <param name="PerClass">Price of one for each reader and class, the mean of 1/σ.</param>
/// <param name="Learned">Price of learned ones for each reader and class; null where none were learned.</param>
public sealed record NormReport(IReadOnlyList<NormReaderReport> Readers, IReadOnlyList<string> Classes, double ModelTaskAccuracy, NormPrice OfMoments, NormPrice Constant, NormPrice PerClass,
    NormPrice? Learned)
{
    /// <summary>Takes constants on some sequences and prices them on others.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives the sequences.</param>
    /// <param name="settings">How many, how long.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static NormReport Of(Weights weights, ITask task, NormSettings settings, CancellationToken cancellation = default)
    {
        settings.Validate();
        Evaluation.RequireFits(weights.Config, task);
        var (taken, priced) = settings.Draw(task);
        var spreads = NormSpread.Of(weights, task, taken, settings.Classes, cancellation);
        NormConstants ofMoments = NormConstants.OfMoments(spreads, settings.Classes), constant = NormConstants.PerReader(spreads), perClass = NormConstants.PerClass(spreads, settings.Classes);
        var learned = settings.LearningSteps > 0 ? NormLearning.Fit(weights, task, taken, [perClass, ofMoments], settings.LearningSteps, settings.LearningRate, cancellation) : null;

        var readers = NormReader.All(weights.Config);
        var (accuracy, prices) = NormPrice.Of(weights, task, priced,
            [ofMoments, constant, perClass, learned ?? perClass, .. readers.Select(constant.Only), .. readers.Select(perClass.Only)], cancellation);
        return new NormReport(
            [.. readers.Select((reader, i) => new NormReaderReport(reader, spreads[reader], learned?.InverseScales[reader], prices[4 + i], prices[4 + readers.Count + i]))],
            settings.Classes.Names, accuracy, prices[0], prices[1], prices[2], learned is null ? null : prices[3]);
    }
}

/// <summary>One reader of the stream.</summary>
/// <param name="Reader">Which.</param>
/// <param name="Spread">Its constants, and how far from constant 1/σ is.</param>
/// <param name="Learned">Its learned constants, or null. [class]</param>
/// <param name="Constant">Price of one constant for this reader alone, all others true.</param>
/// <param name="PerClass">Price of one constant for each class of positions for this reader alone.</param>
public sealed record NormReaderReport(NormReader Reader, NormSpread Spread, IReadOnlyList<double>? Learned, NormPrice Constant, NormPrice PerClass);
