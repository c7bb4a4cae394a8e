namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>All ways to pair an even number of points, and how two of them lie to each other.</summary>
internal sealed class PairingTable
{
    private readonly List<int[]> _partners = [];

    /// <summary>All (points − 1)!! pairings.</summary>
    public PairingTable(int points)
    {
        Points = points;
        var partner = new int[points];
        Array.Fill(partner, -1);
        Extend(partner);
        (Loops, Type) = (new int[Count, Count], new int[Count, Count]);
        List<string> types = [];
        for (var p = 0; p < Count; p++)
        {
            for (var q = 0; q < Count; q++)
            {
                var lengths = CycleLengths(_partners[p], _partners[q]);
                var name = string.Join(' ', lengths.Order());
                if (!types.Contains(name))
                {
                    types.Add(name);
                    Representatives.Add(q); // p is 0 here: every type occurs beside the first pairing
                }

                (Loops[p, q], Type[p, q]) = (lengths.Count, types.IndexOf(name));
            }
        }
    }

    /// <summary>How many points are paired.</summary>
    public int Points { get; }

    /// <summary>How many pairings there are.</summary>
    public int Count => _partners.Count;

    /// <summary>Cycles that two pairings form together. [pairing, pairing]</summary>
    public int[,] Loops { get; }

    /// <summary>Number of the multiset of their lengths. [pairing, pairing]</summary>
    public int[,] Type { get; }

    /// <summary>Of each type a pairing that has it beside pairing 0.</summary>
    public List<int> Representatives { get; } = [];

    /// <summary>
    /// What is left of a product of matrices when paired indices are set equal and summed: a product of traces. Each is a cyclic word of (matrix, whether it stands
    /// transposed).
    /// </summary>
    /// <param name="pairing">Which indices are equal.</param>
    /// <param name="ends">Point of the row and of the column of every matrix.</param>
    public List<List<(int Matrix, bool IsTransposed)>> Words(int pairing, IReadOnlyList<(int Row, int Column)> ends)
    {
        List<List<(int, bool)>> words = [];
        var isUsed = new bool[ends.Count];
        for (var first = 0; first < ends.Count; first++)
        {
            if (isUsed[first])
                continue;
            List<(int, bool)> word = [];
            var (matrix, isTransposed) = (first, false);
            while (!isUsed[matrix])
            {
                isUsed[matrix] = true;
                word.Add((matrix, isTransposed));
                var entry = _partners[pairing][isTransposed ? ends[matrix].Row : ends[matrix].Column];
                matrix = Enumerable.Range(0, ends.Count).First(other => ends[other].Row == entry || ends[other].Column == entry);
                isTransposed = ends[matrix].Column == entry;
            }

            words.Add(word);
        }

        return words;
    }

    private void Extend(int[] partner)
    {
        var first = Array.IndexOf(partner, -1);
        if (first < 0)
        {
            _partners.Add([.. partner]);
            return;
        }

        for (var second = first + 1; second < partner.Length; second++)
        {
            if (partner[second] >= 0)
                continue;
            (partner[first], partner[second]) = (second, first);
            Extend(partner);
            (partner[first], partner[second]) = (-1, -1);
        }
    }

    private static List<int> CycleLengths(int[] p, int[] q)
    {
        List<int> lengths = [];
        var isSeen = new bool[p.Length];
        for (var start = 0; start < p.Length; start++)
        {
            var length = 0;
            for (var at = start; !isSeen[at]; at = q[p[at]], length++)
                isSeen[at] = isSeen[p[at]] = true;
            if (length > 0)
                lengths.Add(length);
        }

        return lengths;
    }
}
