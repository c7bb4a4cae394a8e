namespace SubspaceCircuits.Interventions.Heads;

/// <summary>What stands in the place of the output of an ablated head. It is taken from runs of the whole model.</summary>
public enum HeadAblation
{
    /// <summary>
    /// Its mean over reference samples of the same length at the same position. Only what differs between samples of one form is taken away, and
    /// the stream keeps a form that later layers know. The default.
    /// </summary>
    Mean,

    /// <summary>
    /// Its mean over reference samples of all lengths at the same position, counted from BOS. Where lengths are mixed, one position lies before a
    /// separator in one sample and after it in another: the mean is of neither, and a head can seem needed that does nothing but write which it is.
    /// </summary>
    MeanPosition,

    /// <summary>Its mean over all positions of the reference samples: takes away what the head writes by position, too.</summary>
    MeanOverall,

    /// <summary>Its output at the same position of another sample of the same length.</summary>
    Resample,
}

/// <summary>Names of the ablations, for people and for JSON.</summary>
public static class HeadAblationNames
{
    /// <summary>Says what is replaced by what: part of every number.</summary>
    public static string Describe(this HeadAblation ablation) => ablation switch
    {
        HeadAblation.Mean => "mean at each position of samples of the same length",
        HeadAblation.MeanPosition => "mean at each position of samples of all lengths",
        HeadAblation.MeanOverall => "mean over all positions",
        _ => "resample from a sample of the same length",
    };
}
