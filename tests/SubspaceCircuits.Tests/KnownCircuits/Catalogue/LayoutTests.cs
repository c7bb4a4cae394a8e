using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Catalogue;

/// <summary>Programs have the circuits of the prototype, whatever compiles them: what a circuit reads follows from value sets and tables of predicates.</summary>
public sealed class LayoutTests
{
    public static TheoryData<string> Programs => [.. ProgramCatalogue.Programs.Select(entry => entry.Id)];

    [Fact]
    public void Every_program_has_a_layout() => Assert.Equal(Layout.All.Keys.Order(), ProgramCatalogue.Programs.Select(entry => entry.Id).Order());

    [Theory]
    [MemberData(nameof(Programs))]
    public void Blocks_are_those_of_the_prototype(string id)
    {
        var (program, sets) = Tested(id);

        var blocks = Blocks(program, sets).ToArray();

        Assert.Equal(Layout.All[id].DModel, blocks.Sum(block => block.Size));
        Assert.Equal(Sorted(Layout.All[id].Blocks.Prepend("bos(1)")), Sorted(blocks.Select(block => $"{block.Name}({block.Size})")));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Edges_are_those_of_the_prototype(string id)
    {
        var (program, sets) = Tested(id);

        var edges = Edges(program, sets);

        Assert.Equal(Sorted(Layout.All[id].Edges), Sorted(edges));
    }

    /// <summary>Blocks of the residual stream: BOS, a scratch direction for each width, and a direction for each value of a categorical variable or one for a numerical one.</summary>
    internal static IEnumerable<(string Name, int Size)> Blocks(KnownProgram program, IReadOnlyDictionary<SequenceOperator, ValueSet> sets)
    {
        yield return ("bos", 1);
        foreach (var node in program.Variables)
        {
            if (node is SelectorWidth)
                yield return ($"{node}.scratch", 1);
            yield return (node.Name, node.Encoding is Encoding.Numerical ? 1 : sets[node].Values.Count);
        }
    }

    /// <summary>Edges, each variable written as early as its inputs allow.</summary>
    private static IEnumerable<string> Edges(KnownProgram program, IReadOnlyDictionary<SequenceOperator, ValueSet> sets)
    {
        Dictionary<SequenceOperator, int> halves = []; // attention of layer l is 2l, its MLP 2l + 1
        foreach (var node in program.Variables)
        {
            var first = node.Inputs.Select(input => halves[input]).DefaultIfEmpty(-2).Max() + 1;
            var selector = node is Aggregate aggregate ? aggregate.Selector : node is SelectorWidth width ? width.Selector : null;
            var half = first % 2 == (selector is null ? 1 : 0) ? first : first + 1;
            halves[node] = node is Tokens or Indices ? -1 : node is SelectorWidth ? half + 1 : half;
            if (selector is not null)
                yield return $"a{half / 2}[{Reads(selector, sets)}{(node is Aggregate { Value: var value } ? $" V:{value}" : "")} -> {node}]";
            else if (node.Inputs is not [])
                yield return $"m{half / 2}[{string.Join(",", node.Inputs)} -> {node}]";
        }
    }

    /// <summary>Queries are read where two of them select differently or one can be None; keys likewise.</summary>
    private static string Reads(Selector selector, IReadOnlyDictionary<SequenceOperator, ValueSet> sets)
    {
        var (queries, keys) = (sets[selector.Queries], sets[selector.Keys]);
        var rows = queries.Values.Select(query => string.Concat(keys.Values.Select(key => selector.Predicate(key, query) ? 1 : 0)));
        var columns = keys.Values.Select(key => string.Concat(queries.Values.Select(query => selector.Predicate(key, query) ? 1 : 0)));
        return $"Q:{(queries.IsNullable || rows.Distinct().Count() > 1 ? selector.Queries : "-")} K:{(keys.IsNullable || columns.Distinct().Count() > 1 ? selector.Keys : "-")}";
    }

    private static (KnownProgram Program, IReadOnlyDictionary<SequenceOperator, ValueSet> Sets) Tested(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        var program = entry.Build(entry.Tested);
        return (program, ValueSets.Infer(program.Variables, program.Vocabulary, program.MaxLength));
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> lines) => lines.Order(StringComparer.Ordinal);
}
