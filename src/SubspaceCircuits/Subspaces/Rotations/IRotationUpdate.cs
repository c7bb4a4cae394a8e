namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>A rotation that Adam moves. Owns its working space and frees it.</summary>
internal interface IRotationUpdate : IDisposable
{
    /// <summary>R. [d_model, d_model]</summary>
    ReadOnlySpan<float> Rotation { get; }

    /// <summary>Moves R by one step of Adam.</summary>
    /// <param name="gradient">∂L/∂R. [d_model, d_model]</param>
    /// <param name="learningRate">Rate of this step.</param>
    /// <param name="clipNorm">Norm to which the gradient is clipped.</param>
    /// <returns>Norm of the gradient of the parameter, ∂L/∂X, before clipping.</returns>
    double Step(ReadOnlySpan<float> gradient, double learningRate, double clipNorm);

    /// <summary>Moves the base to where the rotation is, made orthogonal anew; Adam keeps its moments.</summary>
    void Rebase();

    /// <summary>All that is needed to go on with the same bytes.</summary>
    RotationState State();
}
