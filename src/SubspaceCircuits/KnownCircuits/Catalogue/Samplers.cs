using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Catalogue;

/// <summary>Draws a sequence of a length.</summary>
internal delegate IReadOnlyList<Value> Sampling(IReadOnlyList<Value> vocabulary, Random random, int length);

/// <summary>
/// Distributions of inputs of programs that are not defined on all sequences, or whose answer hardly varies on uniform ones. All take any length from 1.
/// </summary>
internal static class Samplers
{
    /// <summary>Independent, uniform tokens.</summary>
    public static IReadOnlyList<Value> Uniform(IReadOnlyList<Value> vocabulary, Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => Any(vocabulary, random))];

    /// <summary>Different tokens; longer than the vocabulary, all of them over again in the same order.</summary>
    public static IReadOnlyList<Value> Distinct(IReadOnlyList<Value> vocabulary, Random random, int length)
    {
        Value[] order = [.. vocabulary];
        random.Shuffle(order);
        return [.. Enumerable.Range(0, length).Select(place => order[place % order.Length])];
    }

    /// <summary>Every token has one successor: different tokens, then for ever round a loop through the last few of them. All such sequences have this form.</summary>
    public static IReadOnlyList<Value> OneSuccessor(IReadOnlyList<Value> vocabulary, Random random, int length)
    {
        var word = Distinct(vocabulary, random, 1 + random.Next(Math.Min(vocabulary.Count, length)));
        var entry = random.Next(word.Count);
        return [.. Enumerable.Range(0, length).Select(place => word[place < entry ? place : entry + ((place - entry) % (word.Count - entry))])];
    }

    /// <summary>A pattern of 2 to 16 different tokens, repeated.</summary>
    public static IReadOnlyList<Value> Repeated(IReadOnlyList<Value> vocabulary, Random random, int length)
    {
        var longest = Math.Min(16, vocabulary.Count);
        var pattern = Distinct(vocabulary, random, random.Next(Math.Min(2, longest), longest + 1));
        return [.. Enumerable.Range(0, length).Select(place => pattern[place % pattern.Count])];
    }

    /// <summary>Every pair of neighbours has one successor; few different tokens in some sequences, so that pairs recur.</summary>
    public static IReadOnlyList<Value> OneSuccessorOfPairs(IReadOnlyList<Value> vocabulary, Random random, int length)
    {
        var letters = Distinct(vocabulary, random, 1 + random.Next(Math.Min(vocabulary.Count, length)));
        Dictionary<(Value, Value), Value> successors = [];
        List<Value> word = [];
        while (word.Count < length)
        {
            var next = Any(letters, random);
            if (word.Count >= 2 && !successors.TryAdd((word[^2], word[^1]), next))
                next = successors[(word[^2], word[^1])];
            word.Add(next);
        }

        return word;
    }

    /// <summary>
    /// In equal parts: uniform words, words whose brackets of each kind are balanced, and such words with one pair the wrong way round. The vocabulary has
    /// this many pairs of brackets before anything else; where it has nothing else, a word of odd length has one bracket alone.
    /// </summary>
    public static Sampling Balanced(int pairs) => (vocabulary, random, length) =>
    {
        var kind = random.Next(3);
        if (kind == 0)
            return Uniform(vocabulary, random, length);
        Value[] others = [.. vocabulary.Skip(2 * pairs)];
        var word = Uniform(others is [] ? vocabulary : others, random, length).ToArray();
        var places = Enumerable.Range(0, length).ToArray();
        random.Shuffle(places);
        var matched = others is [] ? length / 2 : random.Next((length / 2) + 1);
        for (var pair = 0; pair < matched; pair++)
        {
            var isTurned = kind == 2 && pair == 0;
            var (left, right) = (Math.Min(places[2 * pair], places[(2 * pair) + 1]), Math.Max(places[2 * pair], places[(2 * pair) + 1]));
            var bracket = 2 * random.Next(pairs);
            (word[left], word[right]) = isTurned ? (vocabulary[bracket + 1], vocabulary[bracket]) : (vocabulary[bracket], vocabulary[bracket + 1]);
        }

        return word;
    };

    /// <summary>
    /// One name once, others twice or more, as in <c>A A B .</c>; the last of the vocabulary, which is no name, in the remaining places. A sequence too short
    /// for two names has the one name and that.
    /// </summary>
    public static IReadOnlyList<Value> OneNameOnce(IReadOnlyList<Value> vocabulary, Random random, int length)
    {
        var names = Distinct([.. vocabulary.SkipLast(1)], random, vocabulary.Count - 1);
        List<Value> word = [names[0]];
        var pairs = names.Count > 1 && length > 2 ? random.Next(1, ((length - 1) / 2) + 1) : 0;
        for (var pair = 0; pair < pairs; pair++)
            word.AddRange(Enumerable.Repeat(names[random.Next(1, names.Count)], 2));
        var shuffled = word.Concat(Enumerable.Repeat(vocabulary[^1], length - word.Count)).ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }

    /// <summary>Half of the sequences in ascending order.</summary>
    public static IReadOnlyList<Value> OftenAscending(IReadOnlyList<Value> vocabulary, Random random, int length)
    {
        var word = Uniform(vocabulary, random, length);
        return random.Next(2) == 0 ? word : [.. word.Order()];
    }

    /// <summary>Half of the tokens equal those that mirror them.</summary>
    public static IReadOnlyList<Value> OftenMirrored(IReadOnlyList<Value> vocabulary, Random random, int length)
    {
        var word = Uniform(vocabulary, random, length).ToArray();
        for (var place = 0; place < length / 2; place++)
            word[^(place + 1)] = random.Next(2) == 0 ? word[^(place + 1)] : word[place];
        return word;
    }

    /// <summary>Half of the sequences end with the same token twice.</summary>
    public static IReadOnlyList<Value> OftenRepeatedLast(IReadOnlyList<Value> vocabulary, Random random, int length)
    {
        var word = Uniform(vocabulary, random, length).ToArray();
        if (length > 1 && random.Next(2) == 0)
            word[^1] = word[^2];
        return word;
    }

    /// <summary>A pattern that is begun every other time and continued three times in four, among uniform tokens.</summary>
    public static Sampling Containing(string pattern) => (vocabulary, random, length) =>
    {
        List<Value> word = [];
        while (word.Count < length)
        {
            var done = word is [.., var last] ? pattern.IndexOf(last.Text, StringComparison.Ordinal) + 1 : 0;
            var goesOn = done > 0 && done < pattern.Length && random.Next(4) > 0;
            var begins = !goesOn && random.Next(2) == 0;
            word.Add(goesOn ? pattern[done].ToString() : begins ? pattern[0].ToString() : Any(vocabulary, random));
        }

        return word;
    };

    private static Value Any(IReadOnlyList<Value> vocabulary, Random random) => vocabulary[random.Next(vocabulary.Count)];
}
