using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits;

/// <summary>
/// A variable and how it lies in the residual stream. Its value at a position is read as <c>x · Reads</c>: the indicator of the value (categorical; all zero is
/// None) or the number itself. What holds a value writes <c>indicator · Writes</c>; <c>Writes · Reads</c> is the identity where the model is exact.
/// </summary>
/// <param name="Id">Name, unique in the model.</param>
/// <param name="Encoding">Categorical or numerical.</param>
/// <param name="Values">All values, ascending: the rows of <see cref="Writes"/> when it is categorical. Empty for auxiliary variables.</param>
/// <param name="IsNullable">Whether it can be None.</param>
/// <param name="WrittenAt">Half-layer that writes it: −1 the embeddings, 2l attention l, 2l + 1 MLP l. It stays for good.</param>
/// <param name="IsAuxiliary">Whether no value of the program: BOS, padding.</param>
/// <param name="IsPositionOnly">Whether it depends on position and length only, so that it is the same in all sequences of one length.</param>
/// <param name="Writes">Codes. [dims, d_model]</param>
/// <param name="Reads">Their duals. [d_model, dims]</param>
public sealed record KnownVariable(string Id, Encoding Encoding, IReadOnlyList<Value> Values, bool IsNullable, int WrittenAt, bool IsAuxiliary, bool IsPositionOnly, Tensor Writes, Tensor Reads)
{
    /// <summary>What <see cref="Reads"/> finds of the variable at each position: indicators of its values, or the numbers.</summary>
    /// <param name="values">Its values; null is None.</param>
    /// <returns>[pos, dims], float64</returns>
    /// <exception cref="RaspException">A value is not one of its own.</exception>
    public Tensor Indicators(IReadOnlyList<Value?> values)
    {
        var dims = (int)Writes.shape[0];
        var rows = new double[values.Count * dims];
        for (var at = 0; at < values.Count; at++)
        {
            if (values[at] is not { } value)
                continue;
            if (Encoding is Encoding.Numerical)
                rows[at * dims] = (double)value.Number;
            else
                rows[(at * dims) + IndexOf(value)] = 1;
        }

        return tensor(rows, [values.Count, dims]);
    }

    /// <summary>The place of a value among its values.</summary>
    /// <exception cref="RaspException">It is not one of them.</exception>
    public int IndexOf(Value value)
    {
        for (var index = 0; index < Values.Count; index++)
        {
            if (Values[index] == value)
                return index;
        }

        throw new RaspException($"{Id} was {value}, which is none of its {Values.Count} values.");
    }

    /// <summary>An orthonormal basis of its subspace: the span of its codes.</summary>
    /// <returns>[d_model, rank], float64</returns>
    public Tensor Basis()
    {
        using var scope = NewDisposeScope();
        var (_, singular, vectors) = linalg.svd(Writes, fullMatrices: false);
        var rank = singular.gt(singular[0] * 1e-9).sum().item<long>();
        return vectors.narrow(0, 0, rank).T.contiguous().MoveToOuterDisposeScope();
    }
}
