namespace SubspaceCircuits.Tasks.Languages;

/// <summary>A deterministic automaton that begins in state 0. From every state a word can be reached.</summary>
public sealed class Automaton
{
    /// <summary>Stands for "no word begins like this" in the table of states.</summary>
    public const int None = -1;

    private readonly int[][] _next;
    private readonly bool[] _isWord;

    /// <summary>An automaton from its table.</summary>
    /// <param name="alphabet">Symbols, ascending.</param>
    /// <param name="next">For every state and symbol the state that follows, or <see cref="None"/>.</param>
    /// <param name="words">States in which what was read is a word.</param>
    public Automaton(string alphabet, int[][] next, params int[] words)
    {
        (Alphabet, _next, _isWord) = (alphabet, next, new bool[next.Length]);
        foreach (var state in words)
            _isWord[state] = true;
    }

    /// <summary>Symbols, ascending; a symbol's index is its id.</summary>
    public string Alphabet { get; }

    /// <summary>How many states there are.</summary>
    public int States => _next.Length;

    /// <summary>The state after a state and a symbol, or <see cref="None"/>.</summary>
    public int Next(int state, int symbol) => _next[state][symbol];

    /// <summary>Whether what was read is a word.</summary>
    public bool IsWord(int state) => _isWord[state];

    /// <summary>Symbols that may follow, ascending.</summary>
    public IEnumerable<int> Symbols(int state) => Enumerable.Range(0, Alphabet.Length).Where(symbol => _next[state][symbol] != None);
}
