namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>
/// A change of a model's weights that hides its circuit and takes along what is known of it: where variables lie, what heads and neurons do. Implementations
/// are records of settings, so that their text names the disguise and all its numbers.
/// </summary>
public interface IDisguise
{
    /// <summary>The disguised model, in the caller's dispose scope; the model given stays as it is and may share tensors with it.</summary>
    /// <param name="parts">A model, float64.</param>
    /// <param name="random">Source of chance; the same seed gives the same model.</param>
    ModelParts Apply(ModelParts parts, Random random);
}
