using System.Text.RegularExpressions;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Tasks;

/// <summary>The languages against recognisers that know nothing of automata, and against all short words.</summary>
public class LanguageTests
{
    private sealed record Language(string Name, string Alphabet, Func<string, bool> Has);

    private static readonly Language[] Languages =
    [
        new("tomita1", "01", Matches("1*")),
        new("tomita2", "01", Matches("(10)*")),
        new("tomita3", "01", word => Runs(word).Zip(Runs(word).Skip(1)).All(pair => !(pair.First[0] == '1' && pair.First.Length % 2 == 1 && pair.Second.Length % 2 == 1))),
        new("tomita4", "01", word => !word.Contains("000", StringComparison.Ordinal)),
        new("tomita5", "01", word => Count(word, '0') % 2 == 0 && Count(word, '1') % 2 == 0),
        new("tomita6", "01", word => (Count(word, '0') - Count(word, '1')) % 3 == 0),
        new("tomita7", "01", Matches("0*1*0*1*")),
        new("D2", "ab", word => IsBalanced(word, 2)),
        new("D3", "ab", word => IsBalanced(word, 3)),
        new("D4", "ab", word => IsBalanced(word, 4)),
        new("D12", "ab", word => IsBalanced(word, 12)),
        new("aastar", "a", Matches("(aa)*")),
        new("aaaastar", "a", Matches("(aaaa)*")),
        new("ababstar", "ab", Matches("(abab)*")),
        new("abcde", "abcde", Matches("a+b+c+d+e+")),
        new("ab_d_bc", "abcd", Matches("[ab]*d[bc]*")),
        new("012_0_2", "012", Matches("[012]*02*")),
    ];

    public static TheoryData<string> Names => [.. Languages.Select(language => language.Name)];

    [Fact]
    public void Every_language_of_the_registry_is_tested() =>
        Assert.Equal(TaskRegistry.All.Select(family => family.Name).Where(name => name.StartsWith("bce_", StringComparison.Ordinal)).Order(StringComparer.Ordinal), Languages.Select(language => $"bce_{language.Name}").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_sample_is_a_word_of_its_length(string name)
    {
        var language = Languages.Single(language => language.Name == name);

        Framing.ForEach($"bce_{name}", (length, tokens, isPredicted) =>
        {
            Assert.Equal("<eos>", tokens[^1]);
            Assert.Equal(length, tokens.Length - 1);
            Assert.True(language.Has(string.Concat(tokens[..^1])), string.Concat(tokens));
            Assert.DoesNotContain(false, isPredicted);
        });
    }

    // Only lengths whose words the generator leaves out on purpose, as published: even ones of tomita6.
    [Theory]
    [MemberData(nameof(Names))]
    public void Every_word_of_a_short_length_is_drawn_and_lengths_without_words_are_refused(string name)
    {
        var language = Languages.Single(language => language.Name == name);
        var task = TaskRegistry.Find($"bce_{name}");
        for (var length = 1; length <= 6; length++)
        {
            var words = Strings(language.Alphabet, length).Where(language.Has).ToHashSet();
            Assert.True(task.HasLength(length) ? words.Count > 0 : words.Count == 0 || name == "tomita6" && length % 2 == 0, $"{name} {length}");
            if (!task.HasLength(length))
                continue;
            var random = new Random(0);
            // The rarest word, of 729 that begin with random symbols, is expected 13 times.
            var drawn = Enumerable.Range(0, 20_000).Select(_ => string.Concat(task.Sample(length, random).Tokens[1..^1].Select(token => language.Alphabet[token]))).ToHashSet();
            Assert.Equal(words.Order(StringComparer.Ordinal), drawn.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sets_are_the_continuations_that_lead_to_words(string name)
    {
        var language = Languages.Single(language => language.Name == name);
        var task = TaskRegistry.Find($"bce_{name}");
        // Long enough that every prefix and one symbol more can be completed: D12 doubles, abcde needs four more.
        var (longestPrefix, longest) = language.Alphabet.Length switch { <= 2 => (5, 12), 3 => (5, 8), _ => (3, 8) };
        var words = Enumerable.Range(0, longest + 1).SelectMany(length => Strings(language.Alphabet, length)).Where(language.Has).ToList();
        var beginnings = words.SelectMany(word => Enumerable.Range(0, Math.Min(word.Length, longestPrefix + 1) + 1).Select(length => word[..length])).ToHashSet();
        var accepted = words.ToHashSet();
        Dictionary<string, int[]> seen = [];

        var samples = TaskBatch.Draw(task, 1, 40, 3000, new Random(0));

        foreach (var sample in samples)
        {
            var word = string.Concat(sample.Tokens[1..^1].Select(token => language.Alphabet[token]));
            for (var read = 0; read <= Math.Min(longestPrefix, word.Length); read++)
            {
                var prefix = word[..read];
                int[] expected = [.. language.Alphabet.Where(symbol => beginnings.Contains(prefix + symbol)).Select(symbol => task.Vocabulary[$"{symbol}"]), .. accepted.Contains(prefix) ? (int[])[task.Vocabulary["<eos>"]] : []];
                Assert.Equal(expected, sample.NextSets![read]);
                seen[prefix] = expected;
            }

            Assert.Null(sample.NextSets![^1]);
        }

        Assert.True(seen.Count > longestPrefix);
    }

    [Fact]
    public void Deep_brackets_reach_the_greatest_depth_and_only_close_there()
    {
        var task = TaskRegistry.Find("bce_D12");
        var isReached = false;
        foreach (var sample in TaskBatch.Draw(task, 100, 150, 200, new Random(0)))
        {
            var depth = 0;
            for (var position = 1; position < sample.Tokens.Length - 1; position++)
            {
                depth += sample.Tokens[position] == 0 ? 1 : -1;
                isReached |= depth == 12;
                Assert.Equal(depth == 12 ? [1] : depth == 0 ? [0, task.Vocabulary["<eos>"]] : (int[])[0, 1], sample.NextSets![position]);
            }
        }

        Assert.True(isReached);
    }

    private static IEnumerable<string> Strings(string alphabet, int length) => length == 0 ? [""]
        : Strings(alphabet, length - 1).SelectMany(start => alphabet.Select(symbol => start + symbol));

    private static Func<string, bool> Matches(string pattern)
    {
        var regex = new Regex($"^(?:{pattern})$", RegexOptions.CultureInvariant);
        return word => regex.IsMatch(word);
    }

    private static string[] Runs(string word) => [.. Regex.Matches(word, "0+|1+").Select(match => match.Value)];

    private static int Count(string word, char symbol) => word.Count(other => other == symbol);

    /// <summary>By the numbers of brackets in every prefix.</summary>
    private static bool IsBalanced(string word, int depth)
    {
        string[] prefixes = [.. Enumerable.Range(0, word.Length + 1).Select(length => word[..length])];
        return Count(word, 'a') == Count(word, 'b') && prefixes.All(prefix => Count(prefix, 'a') - Count(prefix, 'b') is >= 0 && Count(prefix, 'a') - Count(prefix, 'b') <= depth);
    }
}
