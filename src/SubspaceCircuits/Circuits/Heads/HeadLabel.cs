namespace SubspaceCircuits.Circuits.Heads;

/// <summary>What a head is found to do.</summary>
public enum HeadLabelKind
{
    /// <summary>By position alone it looks a fixed number of positions back; 1 is a previous-token head.</summary>
    Offset,

    /// <summary>It looks at one position whatever it is asked and whatever stands elsewhere; at 0 it is a sink.</summary>
    FixedPosition,

    /// <summary>It compares a token with a token: itself, or those before query or key (<see cref="HeadLabel.QueryOffset"/>, <see cref="HeadLabel.KeyOffset"/>).</summary>
    Match,

    /// <summary>What it moves of a token raises the logit of this token most.</summary>
    Copying,

    /// <summary>What it moves of a token lowers the logit of this token most.</summary>
    Inhibition,
}

/// <summary>A measure of what a head does, from its blocks and the ends of the stream.</summary>
/// <param name="Kind">What.</param>
/// <param name="QueryOffset">Of matches: how many positions before the query the token stands that is looked for.</param>
/// <param name="KeyOffset">Of offsets how far back the key is; of matches how many positions before the key the token stands that is found; of fixed positions the position, of copying and inhibition how far before the key the token stands that is moved.</param>
/// <param name="Share">Share of queries whose greatest score is the key meant, or of tokens whose greatest (least) logit is their own.</param>
/// <param name="Lead">By how many logits that score, or that logit, is ahead of the next; mean over the queries or tokens, negative where it is behind.</param>
/// <param name="Null">The share where keys, or logits, are in random order: its mean.</param>
/// <param name="NullDeviation">Its standard deviation.</param>
/// <param name="From">Subspace that carries the greatest part: the query of scores, what is read of values.</param>
/// <param name="To">The other end: the key of scores, what is written of values.</param>
/// <param name="BlockShare">Share of that pair of subspaces in the energy of all pairs, restricted to the content.</param>
/// <param name="Eigenvalues"><c>Σλ/Σ|λ|</c> over the eigenvalues of the way from tokens to logits (Elhage et al. 2021), −1 to 1; null for scores.</param>
/// <param name="IsLabel">Whether it is so, by the thresholds of the settings.</param>
public sealed record HeadLabel(HeadLabelKind Kind, int QueryOffset, int KeyOffset, double Share, double Lead, double Null, double NullDeviation, string From, string To, double BlockShare,
    double? Eigenvalues, bool IsLabel)
{
    /// <summary>The label in words.</summary>
    public string Name => Kind switch
    {
        HeadLabelKind.Offset => KeyOffset switch { 1 => "previous token", 0 => "own position", -1 => "next token", > 1 => $"{KeyOffset} before", _ => $"{-KeyOffset} after" },
        HeadLabelKind.FixedPosition => KeyOffset == 0 ? "first position" : $"position {KeyOffset}",
        HeadLabelKind.Match => (QueryOffset, KeyOffset) switch { (0, 0) => "same token", (0, 1) => "induction", _ => $"{Before(QueryOffset)} equal to {Before(KeyOffset)} of the key" },
        _ => (Kind is HeadLabelKind.Copying ? "copying" : "inhibition") + (KeyOffset == 0 ? "" : $" of the {Before(KeyOffset)}"),
    };

    private static string Before(int offset) => offset switch { 0 => "token", 1 => "previous token", -1 => "next token", > 1 => $"token {offset} before", _ => $"token {-offset} after" };
}

/// <summary>A head and all that was measured of it.</summary>
/// <param name="Head">Name.</param>
/// <param name="Measures">Everything that was measured.</param>
public sealed record HeadLabels(string Head, IReadOnlyList<HeadLabel> Measures)
{
    /// <summary>What the head is found to do; empty where nothing is.</summary>
    public IEnumerable<HeadLabel> Labels => Measures.Where(measure => measure.IsLabel);

    /// <summary>The labels in words; <c>none</c> where there is none.</summary>
    public string Words => string.Join(", ", Labels.Select(label => label.Name).DefaultIfEmpty("none"));
}
