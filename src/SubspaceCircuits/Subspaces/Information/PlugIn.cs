namespace SubspaceCircuits.Subspaces.Information;

/// <summary>Mutual information of discrete values by their frequencies.</summary>
public static class PlugIn
{
    /// <summary>Mutual information of two lists of values, bits; of a list with itself its entropy. Too high by about (|a| − 1)(|b| − 1)/(2 n ln 2) where values are independent.</summary>
    public static double Bits<T>(IReadOnlyList<T> a, IReadOnlyList<T> b)
        where T : notnull
    {
        double n = a.Count;
        Dictionary<T, int> first = a.CountBy(value => value).ToDictionary(), second = b.CountBy(value => value).ToDictionary();
        return a.Zip(b).CountBy(pair => pair).Sum(pair => pair.Value / n * Math.Log2(pair.Value * n / ((double)first[pair.Key.First] * second[pair.Key.Second])));
    }
}
