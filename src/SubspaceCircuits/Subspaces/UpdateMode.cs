namespace SubspaceCircuits.Subspaces;

/// <summary>How a step of Adam moves the rotation.</summary>
public enum UpdateMode
{
    /// <summary>The published parametrisation: <c>R = Base · exp(A)</c> with a fixed base, the gradient taken through the exponential.</summary>
    Exact,

    /// <summary>A retraction at the present rotation; the same to first order in a step, and cheaper.</summary>
    Fast,
}
