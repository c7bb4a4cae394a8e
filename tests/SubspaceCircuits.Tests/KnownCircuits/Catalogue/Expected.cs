using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Catalogue;

/// <summary>What each program computes, written on lists and without its language.</summary>
internal static class Expected
{
    private static readonly Dictionary<string, Func<KnownProgram, IReadOnlyList<Value>, IEnumerable<Value?>>> Functions = new()
    {
        ["copy"] = Words(word => word),
        ["succ_map"] = (program, word) => Ints(word).Select(number => (Value?)((number + 1) % program.Vocabulary.Count)),
        ["prev_token"] = Words(word => Each(word, i => i > 0 ? word[i - 1] : null)),
        ["next_token"] = Words(word => Each(word, i => i + 1 < word.Length ? word[i + 1] : null)),
        ["induction"] = Words(word => Each(word, i => After(word[..(i + 1)], [word[i]]))),
        ["unique_bigram_copy"] = Words(word => Each(word, i => After(word[..(i + 1)], [word[i]]))),
        ["qk_induction"] = Words(word => Each(word, i => i == 0 ? null : After(word[..(i + 1)], [word[i - 1]]))),
        ["trigram_induction"] = Words(word => Each(word, i => i == 0 ? null : After(word[..(i + 1)], word[(i - 1)..(i + 1)]))),
        ["first_token"] = Words(word => Each(word, _ => word[0])),
        ["identity_attn"] = Words(word => word),

        ["length"] = Words(word => Each(word, _ => word.Length)),
        ["hist"] = Words(word => Each(word, i => word.Count(token => token == word[i]))),
        ["double_hist"] = Words(word => Each(word, i => word.Count(token => word.Count(other => other == token) == word.Count(other => other == word[i])))),
        ["count_a"] = Words(word => Each(word, _ => word.Count(token => token == "a"))),
        ["frac_prevs"] = Words(word => Each(word, i => new Rational(word[..(i + 1)].Count(token => token == "a"), i + 1))),
        ["frac_prevs_causal"] = Words(word => Each(word, i => new Rational(word[..(i + 1)].Count(token => token == "a"), i + 1))),
        ["count_greater"] = Numbers(word => Each(word, i => word.Count(number => number > word[i]))),
        ["rank"] = Numbers(word => Each(word, i => Array.IndexOf([.. word.Order()], word[i]) + 1)),
        ["freq_class"] = Words(word => Each(word, i => ((double)word.Count(token => token == word[i]) / word.Length) switch { <= 0.25 => "rare", <= 0.5 => "common", _ => "frequent" })),
        ["sum_digits"] = Numbers(word => Each(word, i => $"{word[i]}".Sum(digit => digit - '0'))),

        ["reverse"] = Words(word => Enumerable.Reverse(word)),
        ["swap_first_last"] = Words(word => word.Length == 1 ? [word[0]] : [word[^1], .. word.Skip(1).SkipLast(1), word[0]]),
        ["sort_unique"] = Numbers(word => word.Order().Select(number => (Value?)number)),
        ["sort"] = (_, word) => word.OrderBy(token => token).ToArray(),
        ["most_freq"] = Words(word => word.OrderByDescending(token => word.Count(other => other == token))), // a stable sort
        ["max_element"] = Numbers(word => Each(word, _ => word.Max())),

        ["pair_balance"] = Words(word => Each(word, i => new Rational(word[..(i + 1)].Sum(token => Height(token, "()")), i + 1))),
        ["shuffle_dyck1"] = Words(word => Each(word, _ => IsBalanced(word, "()"))),
        ["shuffle_dyck2"] = Words(word => Each(word, _ => IsBalanced(word, "()") && IsBalanced(word, "{}"))),

        ["detect_ab"] = Words(word => Each(word, i => EndsWith(word, i, "ab"))),
        ["detect_abc"] = Words(word => Each(word, i => EndsWith(word, i, "abc"))),
        ["rotation_identifier"] = Words(word => Each(word, i => i < 2 ? null : word[i] == word[i - 2])),
        ["trend"] = Numbers(word => Each(word, i => i + 1 == word.Length ? null : Math.Sign(word[i + 1] - word[i]))),
        ["oscillation"] = Numbers(word => Inside(word, (a, b, c) => b > a != c > b)),
        ["alternation"] = Words(word => Inside(word, (a, b, c) => a != b && b != c)),
        ["palindrome"] = Words(word => Each(word, i => word[i] == word[^(i + 1)])),
        ["check_increasing"] = Numbers(word => Each(word, _ => word.SequenceEqual(word.Order()))),
        ["last_two_equal"] = Words(word => Each(word, _ => word.Length < 2 ? null : word[^1] == word[^2])),

        ["dedup_causal"] = Words(word => Each(word, i => word.Take(i).Contains(word[i]) ? null : word[i])),
        ["dedup_all"] = Words(word => Each(word, i => word.Take(i).Contains(word[i]) ? null : word[i])),
        ["dedup_consecutive"] = Words(word => Each(word, i => i == 0 || word[i] == word[i - 1] ? null : word[i])),
        ["toy_ioi"] = Words(word => Each(word, _ => word.Where(token => token != ".").GroupBy(name => name).SingleOrDefault(group => group.Count() == 1)?.Key)),
    };

    /// <summary>What each output is.</summary>
    public static IReadOnlyList<IReadOnlyList<Value?>> Of(KnownProgram program, IReadOnlyList<Value> word)
    {
        return program.Id switch
        {
            "induction+hist+first_token" => [One("induction"), [.. Each<Value>([.. word], i => word.Take(i + 1).Count(token => token == word[i]))], One("first_token")],
            "sort+dedup_consecutive+pair_balance" => [One("sort"), One("dedup_consecutive"), One("pair_balance")],
            "interpbench_causal" => [One("first_token"), One("identity_attn"), One("detect_abc"), One("rotation_identifier"), One("dedup_causal"), One("dedup_consecutive")],
            _ => [One(program.Id)],
        };

        IReadOnlyList<Value?> One(string id) => [.. Functions[id](program, word)];
    }

    /// <summary>Whether the program means something on this sequence.</summary>
    public static bool IsDefined(string id, IReadOnlyList<Value> word) => id switch
    {
        "induction" or "unique_bigram_copy" or "qk_induction" or "induction+hist+first_token" => HasOneSuccessor(word, 1),
        "trigram_induction" => HasOneSuccessor(word, 2),
        "sort_unique" => word.Distinct().Count() == word.Count,
        "toy_ioi" => word.Where(token => token != ".").GroupBy(name => name).Count(group => group.Count() == 1) == 1,
        _ => true,
    };

    private static bool HasOneSuccessor(IReadOnlyList<Value> word, int context) => Enumerable.Range(0, Math.Max(0, word.Count - context))
        .Select(i => (Context: string.Join(" ", word.Skip(i).Take(context)), Next: word[i + context]))
        .GroupBy(pair => pair.Context).All(group => group.Select(pair => pair.Next).Distinct().Count() == 1);

    private static Func<KnownProgram, IReadOnlyList<Value>, IEnumerable<Value?>> Words(Func<Value[], IEnumerable<Value?>> function) => (_, word) => function([.. word]);

    private static Func<KnownProgram, IReadOnlyList<Value>, IEnumerable<Value?>> Numbers(Func<int[], IEnumerable<Value?>> function) => (_, word) => function(Ints(word));

    private static int[] Ints(IReadOnlyList<Value> word) => [.. word.Select(token => (int)token.Number.Numerator)];

    private static IEnumerable<Value?> Each<T>(T[] word, Func<int, Value?> function) => Enumerable.Range(0, word.Length).Select(function);

    /// <summary>None at both ends.</summary>
    private static IEnumerable<Value?> Inside<T>(T[] word, Func<T, T, T, bool> function) =>
        Each(word, i => i == 0 || i + 1 == word.Length ? null : function(word[i - 1], word[i], word[i + 1]));

    /// <summary>The token after the first place where the context was seen.</summary>
    private static Value? After(Value[] seen, Value[] context)
    {
        for (var i = 0; i + context.Length < seen.Length; i++)
        {
            if (seen.AsSpan(i, context.Length).SequenceEqual(context))
                return seen[i + context.Length];
        }

        return null;
    }

    private static Value? EndsWith(Value[] word, int last, string pattern) =>
        last + 1 < pattern.Length ? null : string.Join("", word.Take(last + 1)).EndsWith(pattern, StringComparison.Ordinal);

    private static int Height(Value token, string pair) => token == pair[..1] ? 1 : token == pair[1..] ? -1 : 0;

    private static bool IsBalanced(Value[] word, string pair)
    {
        var height = 0;
        foreach (var token in word)
        {
            height += Height(token, pair);
            if (height < 0)
                return false;
        }

        return height == 0;
    }
}
