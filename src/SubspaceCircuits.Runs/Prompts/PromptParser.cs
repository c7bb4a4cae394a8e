using System.Globalization;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>Reads prompts: tokens of a task's vocabulary, or token ids where no task is known.</summary>
/// <remarks>
/// Tokens are separated by white space. Where every token of the task is one character, they may also stand unseparated (<c>abcab</c>,
/// <c>ab&lt;sep&gt;ab</c>). <c>&lt;bos&gt;</c> is put in front when it is missing; ids are taken as they are, because nothing tells which of
/// them begins a sequence.
/// </remarks>
public sealed class PromptParser
{
    private const int Shown = 12;

    private readonly ModelConfig _config;
    private readonly ITask? _task;
    private readonly Dictionary<string, int> _ids = [];
    private readonly bool _isUnseparated;

    /// <summary>A parser for a model.</summary>
    /// <param name="config">Sizes of the model.</param>
    /// <param name="task">Its task; null reads ids.</param>
    public PromptParser(ModelConfig config, ITask? task)
    {
        (_config, _task) = (config, task);
        if (task is null)
            return;
        for (var id = 0; id < task.Vocabulary.Tokens.Count; id++)
            _ids[task.Vocabulary.Tokens[id]] = id;
        _isUnseparated = task.Vocabulary.TaskTokens > 0 && task.Vocabulary.Tokens.Take(task.Vocabulary.TaskTokens).All(token => token.Length == 1);
    }

    /// <summary>Reads one prompt.</summary>
    /// <exception cref="FormatException">It is empty, has a token that is not known, or is longer than the model reads.</exception>
    public Prompt Parse(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            throw new FormatException($"The prompt is empty. Expected {Expected}.");
        int[] tokens = [.. words.SelectMany(Tokens)];
        if (_task is { } task && tokens[0] != task.Vocabulary.Bos)
            tokens = [task.Vocabulary.Bos, .. tokens];
        return tokens.Length <= _config.NCtx ? Prompt.Of(text, tokens)
            : throw new FormatException($"The prompt has {tokens.Length} tokens{(_task is null ? "" : ", <bos> included")}, but the model has {_config.NCtx} positions. Shorten it.");
    }

    /// <summary>Tokens as they are shown: by name, or as ids; ids that the vocabulary does not have as <c>#155</c>.</summary>
    public static string Show(ITask? task, long id) => task is null ? $"{id}" : id < task.Vocabulary.Tokens.Count ? task.Vocabulary.Tokens[(int)id] : $"#{id}";

    private string Expected => _task is null ? $"token ids from 0 to {_config.DVocab - 1} separated by spaces (no task is known; --task names one)"
        : $"tokens of {_task.Name}{(_isUnseparated ? "" : " separated by spaces")}: {Summary(_task.Vocabulary)}";

    private IEnumerable<int> Tokens(string word)
    {
        if (_task is null)
            return [int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < _config.DVocab ? id : throw Unknown(word)];
        return _ids.TryGetValue(word, out var token) ? [token] : _isUnseparated ? Unseparated(word) : throw Unknown(word);
    }

    private IEnumerable<int> Unseparated(string word)
    {
        for (var at = 0; at < word.Length;)
        {
            var end = word[at] == '<' ? word.IndexOf('>', at) + 1 : at + 1;
            var token = word[at..Math.Max(end, at + 1)];
            yield return _ids.TryGetValue(token, out var id) ? id : throw Unknown(token);
            at += token.Length;
        }
    }

    private FormatException Unknown(string token) => new($"The prompt has '{token}', which is no token here. Expected {Expected}.");

    private static string Summary(Vocabulary vocabulary)
    {
        var own = vocabulary.Tokens.Take(vocabulary.TaskTokens).ToArray();
        var specials = vocabulary.Tokens.Skip(own.Length);
        return string.Join(' ', own.Length <= Shown ? own : [.. own[..(Shown - 2)], "…", own[^1]]) + " and " + string.Join(' ', specials);
    }
}
