using System.Globalization;

namespace SubspaceCircuits.Tasks;

/// <summary>Options of a task by name, as in <c>unique_ngram_pattern:n=3,characters=62</c>; what was asked for and what there is.</summary>
public sealed class TaskOptions
{
    private readonly string _family;
    private readonly Dictionary<string, string> _given;
    private readonly List<string> _described = [];
    private readonly List<string> _changed = [];

    /// <summary>Options that were given, none of them read yet.</summary>
    /// <param name="family">Name of the task.</param>
    /// <param name="given">Values as they were written, by name.</param>
    public TaskOptions(string family, IReadOnlyDictionary<string, string> given)
    {
        _family = family;
        _given = new Dictionary<string, string>(given);
    }

    /// <summary>Every option that was read with its default and its range: <c>n=2 (1-5)</c>.</summary>
    public IReadOnlyList<string> Described => _described;

    /// <summary>The family's name and the options that differ from their defaults, in the order in which they were read.</summary>
    public string Name => _changed.Count == 0 ? _family : $"{_family}:{string.Join(',', _changed)}";

    /// <summary>Reads a whole number.</summary>
    /// <exception cref="ArgumentException">It is no whole number or out of range.</exception>
    public int Int(string name, int fallback, int min, int max)
    {
        _described.Add($"{name}={fallback} ({min}-{max})");
        if (!_given.Remove(name, out var text))
            return fallback;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) || value < min || value > max)
            throw new ArgumentException($"{_family}: {name} should be a whole number from {min} to {max}, but is '{text}'.");
        if (value != fallback)
            _changed.Add($"{name}={value}");
        return value;
    }

    /// <summary>Reads yes or no, written <c>true</c> or <c>false</c>.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public bool Flag(string name, bool fallback)
    {
        static string Text(bool value) => value ? "true" : "false";
        _described.Add($"{name}={Text(fallback)} (true, false)");
        if (!_given.Remove(name, out var text))
            return fallback;
        if (text is not ("true" or "false"))
            throw new ArgumentException($"{_family}: {name} should be true or false, but is '{text}'.");
        if (text != Text(fallback))
            _changed.Add($"{name}={text}");
        return text == "true";
    }

    /// <summary>Comes after the last read: nothing may be left over.</summary>
    /// <exception cref="ArgumentException">An option was given that the task does not have.</exception>
    public void RequireAllRead()
    {
        if (_given.Count == 0)
            return;
        var known = _described.Count == 0 ? "It has none." : $"It has: {string.Join(", ", _described)}.";
        throw new ArgumentException($"{_family} has no option '{_given.Keys.Order(StringComparer.Ordinal).First()}'. {known}");
    }
}
