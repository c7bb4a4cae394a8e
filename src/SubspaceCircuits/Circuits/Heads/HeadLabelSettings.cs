using SubspaceCircuits.Models;

namespace SubspaceCircuits.Circuits.Heads;

/// <summary>Mean activations of a site, given the token that stands a number of positions before; null where the weights should be used.</summary>
/// <param name="site">The site.</param>
/// <param name="offset">0 for the token itself, 1 for the token before.</param>
/// <returns>One row for each token of the settings. [token, d_model]</returns>
public delegate Tensor? TokenMeans(Site site, int offset);

/// <summary>How heads are labelled.</summary>
public sealed record HeadLabelSettings
{
    /// <summary>Ids of the tokens that content is made of, at least 2; a few hundred of them where the vocabulary is large.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>Id of the token that always stands at position 0; null where there is none.</summary>
    public int? Bos { get; init; }

    /// <summary>Logits of the tokens, one for each; null where a token's logit has its id. A token without one has −1.</summary>
    public IReadOnlyList<int>? Logits { get; init; }

    /// <summary>Positions that are looked at, from 0 on; null for all that the model has.</summary>
    public int? Positions { get; init; }

    /// <summary>Whether content at layers above 0 passes through the first MLP, <c>x + MLP0(LN(x))</c>. Default true.</summary>
    public bool IsThroughFirstMlp { get; init; } = true;

    /// <summary>Measured content in the place of what the weights give; null for weights only.</summary>
    public TokenMeans? Means { get; init; }

    /// <summary>Least share of queries, or of tokens, that makes a label. Default 0.5.</summary>
    public double Share { get; init; } = .5;

    /// <summary>Standard deviations by which the share has to be above its null. Default 4: fewer than 5 tokens can show nothing.</summary>
    public double Deviations { get; init; } = 4;

    /// <summary>Least lead of a label from scores, in logits; below it a head looks at all keys nearly alike. Default 1.</summary>
    public double Lead { get; init; } = 1;

    /// <summary>Random orders of keys that make up the null of labels by position, at least 2. Default 20.</summary>
    public int Permutations { get; init; } = 20;

    /// <summary>Seed of the random orders.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Tokens.Count < 2 || (Logits is not null && Logits.Count != Tokens.Count))
            throw new ArgumentException($"There should be 2 tokens or more, and a logit for each, but there are {Tokens.Count} tokens and {Logits?.Count ?? Tokens.Count} logits.");
        if (Positions < 3 || Permutations < 2)
            throw new ArgumentException($"There should be 3 positions or more and 2 permutations or more, but there are {Positions} and {Permutations}.");
    }
}
