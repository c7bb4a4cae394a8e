namespace SubspaceCircuits.Tasks.Languages;

/// <summary>A regular language: how its words are drawn, and the automaton that reads them.</summary>
public interface ILanguage
{
    /// <summary>Name, as in the published scheme after <c>bce_</c>.</summary>
    string Name { get; }

    /// <summary>Alphabet, which prefixes can be continued and how, which of them are words.</summary>
    Automaton Automaton { get; }

    /// <summary>Whether words of a length, at least 1, are drawn.</summary>
    bool HasLength(int length);

    /// <summary>Draws a word.</summary>
    /// <param name="length">One that <see cref="HasLength"/>.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>Indices into the alphabet.</returns>
    int[] Draw(int length, Random random);
}
