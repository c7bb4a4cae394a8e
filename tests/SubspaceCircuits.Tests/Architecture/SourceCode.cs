using System.Text.RegularExpressions;

namespace SubspaceCircuits.Tests.Architecture;

/// <summary>The repository's C# files as text.</summary>
internal static partial class SourceCode
{
    /// <summary>All C# files below the folders, by full path.</summary>
    public static IEnumerable<string> Files(params string[] folders) =>
        folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(SharedData.RepositoryRoot(), folder), "*.cs", SearchOption.AllDirectories)).Order(StringComparer.Ordinal);

    /// <summary>The code alone: comments are dropped, texts emptied.</summary>
    public static string WithoutTextAndComments(string source) =>
        TextOrComment().Replace(source, match => match.Value[0] == '/' ? "" : "\"\"");

    /// <summary>Calls of <c>sum</c> and <c>prod</c> whose dimension is given without its name.</summary>
    /// <remarks>
    /// The literal 0 converts to the enumeration ScalarType, so that <c>x.sum(0)</c> silently sums everything, as bytes.
    /// A list of dimensions (<c>[0, 1]</c>) and a type (<c>ScalarType.Int64</c>) cannot be mistaken.
    /// </remarks>
    public static IEnumerable<string> UnnamedDimensions(string source)
    {
        var code = WithoutTextAndComments(source);
        foreach (Match call in Reduction().Matches(code))
        {
            var arguments = Arguments(code, call.Index + call.Length);
            var isMember = call.Groups["member"].Success;
            if (!isMember && arguments is [[>= '0' and <= '9', ..], ..])
                continue; // a local function: no tensor is written as a number
            var dimension = arguments.Skip(isMember ? 0 : 1).FirstOrDefault();
            if (dimension is not null && !Harmless().IsMatch(dimension))
                yield return $"{call.Value}{string.Join(", ", arguments)})";
        }
    }

    /// <summary>The arguments from an opened bracket to its closing one.</summary>
    private static List<string> Arguments(string code, int start)
    {
        var arguments = new List<string>();
        var depth = 0;
        var begin = start;
        for (var i = start; i < code.Length && depth >= 0; i++)
        {
            depth += code[i] is '(' or '[' or '{' ? 1 : code[i] is ')' or ']' or '}' ? -1 : 0;
            if (depth < 0 || depth == 0 && code[i] == ',')
            {
                arguments.Add(code[begin..i].Trim());
                begin = i + 1;
            }
        }

        return arguments is [""] ? [] : arguments;
    }

    [GeneratedRegex("\"{3,}[\\s\\S]*?\"{3,}|@\\$?\"(?:\"\"|[^\"])*\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])+'|//[^\\n]*|/\\*[\\s\\S]*?\\*/")]
    private static partial Regex TextOrComment();

    [GeneratedRegex(@"(?:\btorch\.|(?<member>\.)|(?<![\w.]))(?:sum|prod)\(")]
    private static partial Regex Reduction();

    [GeneratedRegex(@"^(?:\w+\s*:(?!:)|\[|new\b|(?:torch\.)?ScalarType\.|(?:torch\.)?(?:float|int)\d+$)")]
    private static partial Regex Harmless();
}
