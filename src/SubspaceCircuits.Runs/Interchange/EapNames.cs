using System.Globalization;
using System.Text.RegularExpressions;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>
/// Names of nodes and edges in graphs of EAP-IG: <c>input</c>, <c>a0.h1</c>, <c>m0</c>, <c>logits</c>; <c>a0.h1->m2</c>, and
/// <c>m0->a3.h2&lt;q&gt;</c> into the queries of a head. Our <c>embed</c> and <c>pos</c> are both their <c>input</c>.
/// </summary>
internal static partial class EapNames
{
    private const string Input = "input", Logits = "logits";

    /// <summary>All edges of a model in the order of the computation; without MLPs in the model theirs are listed all the same.</summary>
    public static IEnumerable<string> Edges(EapConfig cfg)
    {
        List<string> sources = [Input];
        for (var layer = 0; layer < cfg.NLayers; layer++)
        {
            string[] heads = [.. Enumerable.Range(0, cfg.NHeads).Select(head => $"a{layer}.h{head}")];
            foreach (var (source, head, port) in from source in sources from head in heads from port in "qkv" select (source, head, port))
                yield return $"{source}->{head}<{port}>";
            foreach (var source in cfg.ParallelAttnMlp ? sources : [.. sources, .. heads])
                yield return $"{source}->m{layer}";
            sources.AddRange([.. heads, $"m{layer}"]);
        }

        foreach (var source in sources)
            yield return $"{source}->{Logits}";
    }

    /// <summary>All nodes of a model in the order of the computation.</summary>
    public static IEnumerable<string> Nodes(EapConfig cfg) =>
        [Input, .. Enumerable.Range(0, cfg.NLayers).SelectMany(layer => (IEnumerable<string>)[.. Enumerable.Range(0, cfg.NHeads).Select(head => $"a{layer}.h{head}"), $"m{layer}"]), Logits];

    /// <summary>Source and reader of an edge; the reader's port, <c>&lt;q&gt;</c>, is cut off.</summary>
    public static (string Source, string Target) Ends(string edge)
    {
        var arrow = edge.IndexOf("->", StringComparison.Ordinal);
        var target = edge[(arrow + 2)..];
        return (edge[..arrow], target.EndsWith('>') ? target[..^3] : target);
    }

    /// <summary>Whether a model has a node.</summary>
    public static bool IsNode(string name, EapConfig cfg) => Rank(name, cfg) is not null;

    /// <summary>Whether a model has an edge: the reader comes after the source.</summary>
    public static bool IsEdge(string name, EapConfig cfg)
    {
        var match = Edge().Match(name);
        return match.Success && Rank(match.Groups["source"].Value, cfg) is { } rank && Reach(match.Groups["target"].Value, cfg) is { } reach
            && rank < reach && match.Groups["port"].Success == match.Groups["target"].Value.StartsWith('a');
    }

    /// <summary>How many edges a model has.</summary>
    public static long Count(EapConfig cfg) => Enumerable.Range(0, cfg.NLayers).Sum(layer => (3L * cfg.NHeads * Reach($"a{layer}.h0", cfg)!.Value) + Reach($"m{layer}", cfg)!.Value) + Reach(Logits, cfg)!.Value;

    /// <summary>Their name of one of our component edges, or null where theirs has no such edge.</summary>
    public static string? FromOurs(string source, string reader)
    {
        var from = source is "embed" or "pos" ? Input : OurHead().IsMatch(source) ? source.Replace(".", ".h", StringComparison.Ordinal) : source;
        var match = OurReader().Match(reader);
        var to = match.Success ? $"{match.Groups["layer"].Value}.h{match.Groups["head"].Value}<{match.Groups["port"].Value}>" : reader;
        return Edge().IsMatch($"{from}->{to}") ? $"{from}->{to}" : null;
    }

    /// <summary>Our component edges of one of theirs: two where it begins at <c>input</c>.</summary>
    public static IEnumerable<(string Source, string Reader)> ToOurs(string edge)
    {
        var match = Edge().Match(edge);
        var source = match.Groups["source"].Value;
        var reader = match.Groups["target"].Value.Replace(".h", ".", StringComparison.Ordinal) + (match.Groups["port"].Success ? $".{match.Groups["port"].Value}" : "");
        return source == Input ? [("embed", reader), ("pos", reader)] : [(source.Replace(".h", ".", StringComparison.Ordinal), reader)];
    }

    /// <summary>Place in the order of the computation, or null of what the model does not have.</summary>
    private static long? Rank(string node, EapConfig cfg)
    {
        if (node is Input or Logits)
            return node == Input ? 0 : 1 + ((long)cfg.NLayers * (cfg.NHeads + 1));
        var match = Component().Match(node);
        if (!match.Success || Number(match.Groups["layer"]) is not { } layer || layer >= cfg.NLayers)
            return null;
        if (!match.Groups["head"].Success)
            return 1 + ((long)layer * (cfg.NHeads + 1)) + cfg.NHeads;
        return Number(match.Groups["head"]) is { } head && head < cfg.NHeads ? 1 + ((long)layer * (cfg.NHeads + 1)) + head : null;
    }

    /// <summary>How many nodes, from <c>input</c> on, a reader sees; null of what is none.</summary>
    private static long? Reach(string target, EapConfig cfg)
    {
        if (target == Input || Rank(target, cfg) is not { } rank || target == Logits)
            return target == Logits ? Rank(Logits, cfg) : null;
        return target.StartsWith('m') && !cfg.ParallelAttnMlp ? rank : 1 + ((rank - 1) / (cfg.NHeads + 1) * (cfg.NHeads + 1));
    }

    private static int? Number(Group digits) => int.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"\A(m(?<layer>0|[1-9][0-9]*)|a(?<layer>0|[1-9][0-9]*)\.h(?<head>0|[1-9][0-9]*))\z")]
    private static partial Regex Component();

    [GeneratedRegex(@"\A(?<source>input|m[0-9]+|a[0-9]+\.h[0-9]+)->(?<target>m[0-9]+|logits|a[0-9]+\.h[0-9]+)(<(?<port>[qkv])>)?\z")]
    private static partial Regex Edge();

    [GeneratedRegex(@"\Aa[0-9]+\.[0-9]+\z")]
    private static partial Regex OurHead();

    [GeneratedRegex(@"\A(?<layer>a[0-9]+)\.(?<head>[0-9]+)\.(?<port>[qkv])\z")]
    private static partial Regex OurReader();
}
