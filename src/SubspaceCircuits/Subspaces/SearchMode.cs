namespace SubspaceCircuits.Subspaces;

/// <summary>How neighbours are sought in partition training.</summary>
public enum SearchMode
{
    /// <summary>The nearest key, proved for every query at every step.</summary>
    Exact,

    /// <summary>
    /// Candidates for the queries of many steps at once, under the rotation of the first of them; at every step the candidates are compared
    /// exactly under the rotation of that step. A nearest key that was no candidate is missed; how often is measured.
    /// </summary>
    Lookahead,
}
