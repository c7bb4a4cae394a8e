using System.Globalization;

namespace SubspaceCircuits.Models;

/// <summary>Where in a block a site lies.</summary>
public enum SiteKind
{
    /// <summary>Before the first block.</summary>
    Pre,

    /// <summary>Between attention and MLP.</summary>
    Mid,

    /// <summary>After the block.</summary>
    Post,
}

/// <summary>A residual-stream hook point that can be partitioned; short names <c>x0.pre</c>, <c>x0.mid</c>, <c>x0.post</c>.</summary>
/// <param name="Layer">Block, from 0.</param>
/// <param name="Kind">Where in the block.</param>
public readonly record struct Site(int Layer, SiteKind Kind)
{
    /// <summary>The hook point of the same activation.</summary>
    public HookPoint HookPoint => Kind switch
    {
        SiteKind.Pre => HookPoint.ResidPre(Layer),
        SiteKind.Mid => HookPoint.ResidMid(Layer),
        _ => HookPoint.ResidPost(Layer),
    };

    /// <summary>
    /// The sites of a model in the order of the computation: <c>x0.pre</c>, then after each attention (<c>xL.mid</c>, only with
    /// MLPs) and after each block (<c>xL.post</c>). Every attention and every MLP reads one and writes the next.
    /// </summary>
    public static IReadOnlyList<Site> All(ModelConfig config)
    {
        List<Site> sites = [new(0, SiteKind.Pre)];
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            if (!config.IsAttentionOnly)
                sites.Add(new(layer, SiteKind.Mid));
            sites.Add(new(layer, SiteKind.Post));
        }

        return sites;
    }

    /// <summary>Reads a short name or a hook point's name.</summary>
    /// <exception cref="FormatException">The name is neither.</exception>
    public static Site Parse(string name)
    {
        var parts = name.StartsWith("blocks.", StringComparison.Ordinal)
            ? name["blocks.".Length..].Replace("hook_resid_", "", StringComparison.Ordinal).Split('.')
            : name.StartsWith('x') ? name[1..].Split('.') : [];
        SiteKind? kind = parts.Length == 2 ? parts[1] switch { "pre" => SiteKind.Pre, "mid" => SiteKind.Mid, "post" => SiteKind.Post, _ => null } : null;
        if (kind is null || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var layer))
            throw new FormatException($"'{name}' is not a site. Expected a name such as x0.pre, x0.mid or x1.post.");
        // The stream before block n is the stream after block n - 1.
        return kind is SiteKind.Pre && layer > 0 ? new(layer - 1, SiteKind.Post) : new(layer, kind.Value);
    }

    /// <summary>The short name.</summary>
    public override string ToString() => $"x{Layer}.{Kind switch { SiteKind.Pre => "pre", SiteKind.Mid => "mid", _ => "post" }}";
}
