namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>Where a rotation and its optimiser are. Matrices [d_model, d_model], row by row.</summary>
/// <param name="Base">R = Base · exp(A), or R itself in a fast update.</param>
/// <param name="X">The parameter, below the diagonal; A = X − Xᵀ.</param>
/// <param name="FirstMoment">Adam's mean of gradients.</param>
/// <param name="SecondMoment">Adam's mean of squares.</param>
/// <param name="Steps">Adam's steps.</param>
public sealed record RotationState(double[] Base, double[] X, double[] FirstMoment, double[] SecondMoment, int Steps);
