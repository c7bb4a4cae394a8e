namespace SubspaceCircuits.Interventions.Heads;

/// <summary>What stands in the place of the output of an ablated head. It is taken from runs of the whole model.</summary>
public enum HeadAblation
{
    /// <summary>
    /// Its mean over reference samples at the same position, counted from BOS. Only what differs between samples is taken away; what the head
    /// writes by position alone stays, so that the stream keeps a form that the later layers know. The default.
    /// </summary>
    Mean,

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
        HeadAblation.Mean => "mean at each position",
        HeadAblation.MeanOverall => "mean over all positions",
        _ => "resample",
    };
}
