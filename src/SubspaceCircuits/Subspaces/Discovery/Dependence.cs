namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>How much two groups of directions tell about each other.</summary>
/// <param name="Share">q: which share of what is visible of the smaller one is visible of it in the other as well; about 0 to 1.</param>
/// <param name="Information">I(A, B) less what shuffled rows give, nats.</param>
/// <param name="First">What is visible of A at this resolution, nats.</param>
/// <param name="Second">What is visible of B, nats.</param>
public sealed record Dependence(double Share, double Information, double First, double Second);

/// <summary>Measures the dependence of two groups of directions.</summary>
public interface IDependenceMeasure
{
    /// <summary>How much two groups tell about each other.</summary>
    /// <param name="a">Coordinates in the first. [row, d_a]</param>
    /// <param name="b">Coordinates in the second, of the same rows. [row, d_b]</param>
    /// <param name="generator">Where chance comes from.</param>
    Dependence Of(Tensor a, Tensor b, Generator generator);
}
