using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>
/// Gives every categorical variable random codes <c>C [value, dimension]</c> for its values, read by duals <c>D</c>. With as many dimensions as values or more,
/// codes are not orthogonal and <c>C D = 1</c>: exact. With fewer, values lie in superposition and it is approximate: <c>C D</c> is 1 on its diagonal and 0 or less off it.
/// Numerical and auxiliary variables stay as they are; variables of one or two values are never in superposition.
/// </summary>
/// <remarks>
/// Superposed codes form n − d regular simplices in orthogonal subspaces, of n values in d dimensions: no others have less positive coherence for d ≥ n/2
/// (Rankin 1955), below which some values would have to look alike.
/// </remarks>
/// <param name="Share">Dimensions of a variable over its values, ½ or more; rounded up.</param>
public sealed record Encode(double Share = 1.25) : IDisguise
{
    private const double ExactTolerance = 1e-6;

    /// <summary>Greatest condition of codes that are exact, 1 or more.</summary>
    public double MaxCondition { get; init; } = 5;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The share is below ½, or variables are in superposition already.</exception>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        if (!(Share >= .5))
            throw new ArgumentException($"A variable should have at least half as many dimensions as values, but the share is {Share}.");
        var (writes, reads) = (cat([.. parts.Variables.Select(variable => variable.Writes)], dim: 0), cat([.. parts.Variables.Select(variable => variable.Reads)], dim: 1));
        if ((writes.matmul(reads) - eye(writes.shape[0], dtype: float64)).abs().max().item<double>() > ExactTolerance)
            throw new ArgumentException("The variables of this model are not read exactly. Encode them before any disguise that is approximate.");

        // The rest of the stream, x (1 − R W), in an orthonormal basis S of its own.
        var rest = eye(parts.DModel, dtype: float64) - reads.matmul(writes);
        var s = linalg.svd(rest, fullMatrices: false).Vh.narrow(0, 0, parts.DModel - writes.shape[0]); // [rest, d_model]
        (Tensor Codes, Tensor Duals)[] all = [.. parts.Variables.Select(variable => Codes(variable, random))];
        return new Recoding(
            cat([.. parts.Variables.Zip(all, (variable, pair) => variable.Reads.matmul(pair.Codes)), rest.matmul(s.T)], dim: 1),
            cat([.. parts.Variables.Zip(all, (variable, pair) => pair.Duals.matmul(variable.Writes)), s], dim: 0)).Apply(parts);
    }

    private (Tensor Codes, Tensor Duals) Codes(KnownVariable variable, Random random)
    {
        var values = (int)variable.Writes.shape[0];
        if (variable.Encoding is Encoding.Numerical || variable.IsAuxiliary)
            return (eye(values, dtype: float64), eye(values, dtype: float64));
        var dimensions = (int)Math.Ceiling(Share * values);
        if (dimensions < values && values > 2)
        {
            var codes = Simplices(values, dimensions, random);
            return (codes, codes.T);
        }

        var (mixture, inverse) = random.Invertible(values, MaxCondition);
        var frame = random.Orthogonal(Math.Max(values, dimensions)).narrow(0, 0, values); // [value, dimension]
        return (mixture.matmul(frame), frame.T.matmul(inverse));
    }

    private static Tensor Simplices(int values, int dimensions, Random random)
    {
        var order = Enumerable.Range(0, values).ToArray();
        random.Shuffle(order);
        var (count, codes) = (values - dimensions, zeros(values, dimensions, dtype: float64));
        var (first, axis) = (0, 0);
        for (var simplex = 0; simplex < count; simplex++)
        {
            var size = (values + simplex) / count; // sizes differ by one at most and add up to all values
            var centred = eye(size, dtype: float64) - (1.0 / size);
            var corners = linalg.svd(centred, fullMatrices: false).U.narrow(1, 0, size - 1) * Math.Sqrt(size / (size - 1.0)); // unit length
            for (var at = 0; at < size; at++)
                codes[order[first + at]].narrow(0, axis, size - 1).copy_(corners[at]);
            (first, axis) = (first + size, axis + size - 1);
        }

        return codes.matmul(random.Orthogonal(dimensions));
    }
}
