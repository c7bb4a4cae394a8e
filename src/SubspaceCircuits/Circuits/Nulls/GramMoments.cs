using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>Of a positive semidefinite matrix M what the first two moments of a rotated energy need: its trace and that of its square.</summary>
/// <param name="Trace">tr M.</param>
/// <param name="Square">tr M².</param>
public readonly record struct GramMoments(double Trace, double Square)
{
    /// <summary>Of a symmetric matrix.</summary>
    /// <param name="gram">[n, n]</param>
    public static GramMoments Of(Tensor gram)
    {
        using var scope = NewDisposeScope();
        return new GramMoments(gram.trace().to(float64).item<double>(), gram.square().sum(float64).item<double>());
    }

    /// <summary>Of a projector.</summary>
    public static GramMoments OfProjector(int rank) => new(rank, rank);

    /// <summary>
    /// Of every subspace's projector as a map that is blind to the mean direction sees it, <c>C P_i C</c>: one of its d_i eigenvalues is
    /// <c>1 − ω_i</c> (<see cref="MeanDirection.Shares"/>), the others are 1.
    /// </summary>
    /// <param name="site">The subspaces.</param>
    /// <param name="isCentred">Whether the map begins with C; else P_i itself.</param>
    public static GramMoments[] OfSubspaces(Partition site, bool isCentred)
    {
        var shares = isCentred ? MeanDirection.Shares(site) : new double[site.Count];
        return [.. site.Sizes.Zip(shares, (size, share) => new GramMoments(size - share, size - 1 + (1 - share) * (1 - share)))];
    }

    /// <summary>Squared norm of what is left without the trace, <c>tr M² − (tr M)²/d</c>, for M in d dimensions.</summary>
    internal double Traceless(double d) => Math.Max(0, Square - Trace * Trace / d);
}
