using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>
/// Exact mean and variance of the energies of all blocks of one map between the subspaces of one site, <c>X_ij = ‖P_i Uᵀ W U P_j‖²</c>, under one rotation at both
/// ends: what a head's query and key maps do in a random partition of the same sizes. A map like the identity has large blocks (i, i) in every
/// partition; independent rotations at the two ends would call them significant.
/// </summary>
/// <remarks>
/// X has four factors U, X² eight: 3 and 105 pairings (<see cref="Weingarten"/>). Summed over a pairing, the four or eight indices leave traces of words in W and Wᵀ on
/// one side, in the two projectors on the other; there are nine of each up to order 4, and W = A Bᵀ has them from d_head × d_head matrices.
/// </remarks>
internal sealed class SameRotationNull
{
    // X = Σ M(b3, b0) U(a0, b0) W(a0, a1) U(a1, b1) N(b1, b2) U(a2, b2) W(a3, a2) U(a3, b3), and the same again with 4 more for X².
    private static readonly (int Row, int Column)[] MapEnds = [(0, 1), (3, 2), (4, 5), (7, 6)];
    private static readonly (int Row, int Column)[] ProjectorEnds = [(3, 0), (1, 2), (7, 4), (5, 6)];
    private static readonly string[] MapWords = ["W", "WW", "Ww", "WWW", "WWw", "WWWW", "WWWw", "WWww", "WwWw"];
    private static readonly string[] ProjectorWords = ["M", "N", "MM", "MN", "NN", "MMN", "MNN", "MMNN", "MNMN"];
    private static readonly PairingTable Four = new(4), Eight = new(8);
    private static readonly int[][] MapFour = Words(Four, MapEnds, MapLetter, MapWords), MapEight = Words(Eight, MapEnds, MapLetter, MapWords);
    private static readonly int[][] ProjectorFour = Words(Four, ProjectorEnds, ProjectorLetter, ProjectorWords), ProjectorEight = Words(Eight, ProjectorEnds, ProjectorLetter, ProjectorWords);

    private readonly int[] _sizes;
    private readonly double[] _shares;
    private readonly Weingarten _four, _eight;

    /// <summary>For maps between the subspaces of a site.</summary>
    /// <param name="site">The subspaces.</param>
    /// <param name="isCentred">Whether the maps are blind to the mean direction at both ends; rotations then keep it.</param>
    public SameRotationNull(Partition site, bool isCentred)
    {
        var d = site.Sizes.Sum() - (isCentred ? 1 : 0);
        _sizes = [.. site.Sizes];
        _shares = isCentred ? MeanDirection.Shares(site) : new double[site.Count];
        (_four, _eight) = (new Weingarten(Four, d), new Weingarten(Eight, d));
    }

    /// <summary>Of all pairs of subspaces.</summary>
    /// <param name="left">A of the map W = A Bᵀ. [d_model, d_head]</param>
    /// <param name="right">B. [d_model, d_head]</param>
    /// <returns>[subspace_left, subspace_right]</returns>
    public NullMoments[,] Of(Tensor left, Tensor right)
    {
        var traces = MapTraces(left, right);
        var (mean, square) = (_four.Apply(Products(MapFour, traces)), _eight.Apply(Products(MapEight, traces)));
        var result = new NullMoments[_sizes.Length, _sizes.Length];
        for (var i = 0; i < _sizes.Length; i++)
        {
            for (var j = 0; j < _sizes.Length; j++)
            {
                var projectors = ProjectorTraces(i, j);
                var first = Dot(mean, Products(ProjectorFour, projectors));
                result[i, j] = new NullMoments(first, Math.Max(0, Dot(square, Products(ProjectorEight, projectors)) - first * first));
            }
        }

        return result;
    }

    /// <summary>Traces of <see cref="MapWords"/>: neighbours A Bᵀ · A Bᵀ meet in BᵀA, and so on for the other three ways.</summary>
    private static double[] MapTraces(Tensor left, Tensor right)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor a = left.to(float64), b = right.to(float64);
        var cross = b.T.matmul(a);
        var meet = new Dictionary<string, Tensor> { ["WW"] = cross, ["ww"] = cross.T, ["Ww"] = b.T.matmul(b), ["wW"] = a.T.matmul(a) }; // [d_head, d_head]
        return [.. MapWords.Select(word => Enumerable.Range(0, word.Length).Select(at => meet[$"{word[at]}{word[(at + 1) % word.Length]}"])
            .Aggregate((product, next) => product.matmul(next)).trace().item<double>())];
    }

    /// <summary>
    /// Traces of <see cref="ProjectorWords"/>. With <c>u_i = R_iᵀ1/√d</c>, <c>R_iᵀ C R_j</c> is <c>I − u_i u_iᵀ</c> for i = j and <c>−u_i u_jᵀ</c> else,
    /// so all are functions of <c>ω_i = |u_i|²</c>.
    /// </summary>
    private double[] ProjectorTraces(int i, int j)
    {
        var (m, n) = (1 - _shares[i], 1 - _shares[j]);
        var overlap = _shares[i] * _shares[j];
        return i == j
            ? [.. ProjectorWords.Select(word => _sizes[i] - 1 + Math.Pow(m, word.Length))]
            : [_sizes[i] - 1 + m, _sizes[j] - 1 + n, _sizes[i] - 1 + m * m, overlap, _sizes[j] - 1 + n * n, overlap * m, overlap * n, overlap * m * n, overlap * overlap];
    }

    private static char MapLetter(int matrix, bool isTransposed) => isTransposed ? 'w' : 'W';

    private static char ProjectorLetter(int matrix, bool isTransposed) => matrix % 2 == 0 ? 'M' : 'N';

    /// <summary>Of every pairing the words whose traces it leaves, as indices.</summary>
    private static int[][] Words(PairingTable table, (int Row, int Column)[] ends, Func<int, bool, char> letter, string[] known) =>
        [.. Enumerable.Range(0, table.Count).Select(pairing => table.Words(pairing, ends[..(table.Points / 2)])
            .Select(word => Array.FindIndex(known, name => IsSame(name, string.Concat(word.Select(part => letter(part.Matrix, part.IsTransposed)))))).ToArray())];

    /// <summary>Whether two words have the same trace: one is the other, or its transpose, from another letter on.</summary>
    private static bool IsSame(string a, string b)
    {
        static char Transposed(char letter) => letter switch { 'W' => 'w', 'w' => 'W', _ => letter };
        return a.Length == b.Length && ((a + a).Contains(b, StringComparison.Ordinal) || (a + a).Contains(string.Concat(b.Reverse().Select(Transposed)), StringComparison.Ordinal));
    }

    private static double[] Products(int[][] words, double[] traces) => [.. words.Select(pairing => pairing.Aggregate(1.0, (product, word) => product * traces[word]))];

    private static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();
}
