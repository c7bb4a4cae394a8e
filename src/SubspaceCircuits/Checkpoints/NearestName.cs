namespace SubspaceCircuits.Checkpoints;

/// <summary>Finds the name that somebody may have meant.</summary>
internal static class NearestName
{
    // Both bound the work of an error message for a file with absurd names.
    private const int MaxLength = 200;
    private const int MaxCandidates = 5000;

    /// <summary>The candidate at the smallest edit distance; one that contains the name, or lies in it, goes first. Null if there is none.</summary>
    public static string? Find(string name, IEnumerable<string> candidates) =>
        candidates
            .Where(candidate => candidate.Length <= MaxLength)
            .Take(MaxCandidates)
            .MinBy(candidate => (IsPart(candidate, name) ? 0 : 1, Distance(name, candidate)));

    private static bool IsPart(string a, string b) =>
        a.Length > 0 && b.Length > 0 && (a.Contains(b, StringComparison.Ordinal) || b.Contains(a, StringComparison.Ordinal));

    /// <summary>Levenshtein's distance, one row of the table at a time.</summary>
    private static int Distance(string from, string to)
    {
        var name = from.AsSpan(0, Math.Min(from.Length, MaxLength));
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= name.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var substituted = diagonal + (name[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(diagonal, row[j - 1]) + 1);
            }
        }
        return row[to.Length];
    }
}
