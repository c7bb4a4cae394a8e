using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>
/// Gives every categorical variable random codes <c>C [value, dimension]</c> for its values, read by duals <c>D</c>. With as many dimensions as values or more,
/// codes are not orthogonal and <c>C D = 1</c>: exact. With fewer, values lie in superposition and it is approximate: <c>C D</c> is 1 on its diagonal and 0 or less off it.
/// Numerical and auxiliary variables stay as they are; variables of one or two values are never in superposition.
/// </summary>
/// <remarks>
/// Superposed codes form n − d regular simplices in orthogonal subspaces, of n values in d dimensions: no others have less positive coherence for d ≥ n/2
/// (Rankin 1955), below which some values would have to look alike. Which values share a simplex is drawn several times; the draw is taken that the scores of the
/// circuit's heads confuse least. Where a head looks for equal values and MLPs look values up, programs go on working; counts do not, as a match has to score
/// exactly β for them, and heads that look for half of all values find little, as the codes of a simplex add up to zero.
/// </remarks>
/// <param name="Share">Dimensions of a variable over its values, ½ or more; rounded up.</param>
public sealed record Encode(double Share = 1.25) : IDisguise
{
    private const double ExactTolerance = 1e-6;
    private const int ConfusionDigits = 6; // draws that are as good as each other should be so on every machine
    private const int Draws = 32; // of superposed codes, of which those are taken that heads confuse least

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
        var (rest, size) = (eye(parts.DModel, dtype: float64) - reads.matmul(writes), parts.DModel - writes.shape[0]);
        var s = (size == 0 ? zeros(parts.DModel, 0, dtype: float64) : random.BasisOf(rest.T, size)).T; // [rest, d_model]
        Recoding Draw()
        {
            (Tensor Codes, Tensor Duals)[] all = [.. parts.Variables.Select(variable => Codes(variable, random))];
            return new Recoding(
                cat([.. parts.Variables.Zip(all, (variable, pair) => variable.Reads.matmul(pair.Codes)), rest.matmul(s.T)], dim: 1),
                cat([.. parts.Variables.Zip(all, (variable, pair) => pair.Duals.matmul(variable.Writes)), s], dim: 0));
        }

        return Enumerable.Range(0, Share < 1 ? Draws : 1).Select(_ => Draw()).MinBy(recoding => Confusion(parts, recoding, writes))!.Apply(parts);
    }

    /// <summary>
    /// How much the heads of the circuit take one value for another: the greatest score of a query and a key that should have none, or loss of one that should
    /// have some, over the head's greatest score.
    /// </summary>
    private static double Confusion(ModelParts parts, Recoding recoding, Tensor writes)
    {
        var read = writes.matmul(recoding.E).matmul(recoding.F); // [code, d_model], as readers find the codes
        return parts.Layers.SelectMany(layer => layer.Heads).Where(head => head.Role.IsInCircuit).Select(head =>
        {
            var (exact, found) = (Scores(head, writes), Scores(head, read));
            var most = exact.max().item<double>();
            return (exact - found).where(exact.gt(most * ExactTolerance), found - exact).max().item<double>() / most;
        }).DefaultIfEmpty(0).Max(most => Math.Round(most, ConfusionDigits));

        static Tensor Scores(HeadPart head, Tensor codes) =>
            cat([codes.matmul(head.WQ), head.BQ.unsqueeze(0)], dim: 0).matmul(cat([codes.matmul(head.WK), head.BK.unsqueeze(0)], dim: 0).T); // [query, key], the constant parts last
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
            var corners = Simplex(size);
            for (var at = 0; at < size; at++)
                codes[order[first + at]].narrow(0, axis, size - 1).copy_(corners[at]);
            (first, axis) = (first + size, axis + size - 1);
        }

        return codes.matmul(random.Orthogonal(dimensions));
    }

    /// <summary>Corners of a regular simplex about zero, of length 1: rows of Helmert's matrix without its constant column, drawn out.</summary>
    /// <returns>[size, size − 1]</returns>
    private static Tensor Simplex(int size)
    {
        var corners = new double[size, size - 1];
        for (var axis = 1; axis < size; axis++)
        {
            var unit = Math.Sqrt(size / (size - 1.0)) / Math.Sqrt(axis * (axis + 1.0));
            for (var corner = 0; corner < axis; corner++)
                corners[corner, axis - 1] = unit;
            corners[axis, axis - 1] = -axis * unit;
        }

        return tensor(corners, dtype: float64);
    }
}
