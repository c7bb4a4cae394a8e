namespace SubspaceCircuits.Tasks.Patterns;

/// <summary>
/// Random strings without a repeated n-gram. They are trails in the de Bruijn graph, whose nodes are the (n−1)-grams and whose edges are the
/// n-grams; a string as long as can be, <c>tokens^n + n − 1</c>, uses every edge once (an Eulerian circuit).
/// </summary>
/// <remarks>
/// The walk takes uniformly random unused edges. As many edges enter a node as leave it, so it can only be stuck where it began. It then
/// holds a closed trail, which can as well begin at any of its nodes: at one with an unused edge, where the walk goes on (Hierholzer's
/// splice of a detour). The graph is connected, so there is one until all edges are used. Nothing but what was walked is stored.
/// </remarks>
internal sealed class DeBruijnWalk
{
    private readonly int _tokens;
    private readonly long _nodes;
    private readonly Random _random;
    private readonly Dictionary<long, int> _unused = []; // how many edges a node has left, where not all
    private readonly Dictionary<long, int> _moved = [];  // by edge, node · tokens + place: what partial Fisher-Yates put in its place

    private DeBruijnWalk(int tokens, int n, Random random) => (_tokens, _nodes, _random) = (tokens, NGrams(tokens, n - 1), random);

    /// <summary>How many n-grams there are, <c>tokens^n</c>.</summary>
    public static long NGrams(int tokens, int n)
    {
        var count = 1L;
        for (var i = 0; i < n; i++)
            count = checked(count * tokens);
        return count;
    }

    /// <summary>A random string whose n-grams are all different.</summary>
    /// <param name="tokens">Tokens are 0 to this, exclusive.</param>
    /// <param name="n">1 or more.</param>
    /// <param name="length">From n to <c>tokens^n + n − 1</c>.</param>
    /// <param name="random">Where chance comes from.</param>
    public static int[] Draw(int tokens, int n, int length, Random random)
    {
        var (start, trail) = new DeBruijnWalk(tokens, n, random).Walk(length - (n - 1));
        var text = new int[length];
        for (var i = n - 2; i >= 0; i--)
            (text[i], start) = ((int)(start % tokens), start / tokens);
        trail.CopyTo(text, n - 1);
        return text;
    }

    /// <summary>A trail of so many edges: the node where it begins and the token of every edge.</summary>
    private (long Start, List<int> Trail) Walk(int edges)
    {
        var start = _random.NextInt64(_nodes);
        var node = start;
        List<int> trail = new(edges);
        while (trail.Count < edges)
        {
            if (Unused(node) == 0)
            {
                (start, trail) = Turn(start, trail, node => Unused(node) > 0);
                node = start;
            }

            trail.Add(Take(node));
            node = After(node, trail[^1]);
        }

        // A trail of all edges is closed: it may as well begin anywhere.
        return edges == _nodes * _tokens ? Turn(start, trail, _ => true) : (start, trail);
    }

    /// <summary>The same closed trail from another of its nodes: the first that is wanted from a random one on.</summary>
    private (long Start, List<int> Trail) Turn(long start, List<int> trail, Predicate<long> isWanted)
    {
        var at = 0;
        for (var left = _random.Next(trail.Count); left > 0 || !isWanted(start); left--)
            (start, at) = (After(start, trail[at]), (at + 1) % trail.Count);
        return (start, [.. trail[at..], .. trail[..at]]);
    }

    /// <summary>The node after a node and a token: the last n − 1 tokens.</summary>
    private long After(long node, int token) => (node * _tokens + token) % _nodes;

    private int Unused(long node) => _unused.GetValueOrDefault(node, _tokens);

    /// <summary>Takes a random unused edge of a node: one step of a Fisher-Yates shuffle that keeps only the places that it changed.</summary>
    private int Take(long node)
    {
        var last = Unused(node) - 1;
        var place = _random.Next(last + 1);
        var token = At(node, place);
        _moved[node * _tokens + place] = At(node, last);
        _unused[node] = last;
        return token;
    }

    private int At(long node, int place) => _moved.GetValueOrDefault(node * _tokens + place, place);
}
