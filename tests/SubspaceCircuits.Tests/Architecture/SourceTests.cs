using System.Reflection;
using System.Text.RegularExpressions;

namespace SubspaceCircuits.Tests.Architecture;

public partial class SourceTests
{
    private const int MaxLines = 400;

    // Who turns bytes into records, or speaks to the user; all else takes tensors and records.
    private static readonly string[] MayTouchFiles =
    [
        "SubspaceCircuits.Runs/", "SubspaceCircuits.Cli/", "SubspaceCircuits.Explorer/", "SubspaceCircuits/Checkpoints/", "SubspaceCircuits/Backend/",
        "SubspaceCircuits/Models/ModelFolder.cs", "SubspaceCircuits/Models/JsonFile.cs", "SubspaceCircuits/Models/ConfigJson.cs", "SubspaceCircuits/Subspaces/PublishedPartition.cs", "SubspaceCircuits.Plots/",
    ];

    [Fact]
    public void Dimensions_of_sums_and_products_are_named() =>
        Assert.Empty(SourceCode.Files("src", "tests").SelectMany(file => SourceCode.UnnamedDimensions(File.ReadAllText(file)).Select(call => $"{Path.GetFileName(file)}: {call}")));

    [Theory]
    [InlineData("x.sum(0)")]
    [InlineData("x.sum(-1)")]
    [InlineData("x.prod(1)")]
    [InlineData("x.sum(0, keepdim: true)")]
    [InlineData("x.sum(axis)")]
    [InlineData("f(x).abs().sum(0).item<float>()")]
    [InlineData("torch.sum(x, 0)")]
    [InlineData("torch.prod(f(a, b), 0)")]
    [InlineData("var y = sum(x, 0);")]
    [InlineData("var y = prod(x[1, 2], dim);")]
    public void Unnamed_dimension_is_found(string code) => Assert.Single(SourceCode.UnnamedDimensions(code));

    [Theory]
    [InlineData("x.sum()")]
    [InlineData("x.sum(dim: 0)")]
    [InlineData("x.sum(dim: 0, keepdim: true)")]
    [InlineData("x.sum([0, 1])")]
    [InlineData("x.sum(ScalarType.Int64)")]
    [InlineData("x.prod(dim: -1)")]
    [InlineData("torch.sum(x)")]
    [InlineData("torch.sum(f(x, 0), dim: 0)")]
    [InlineData("sum(x[0, 1])")]
    [InlineData("numbers.Sum(0)")]
    [InlineData("cumsum(x, 0)")]
    [InlineData("sum(0, queries)")]
    [InlineData("// x.sum(0)")]
    [InlineData("var s = \"x.sum(0)\";")]
    public void Named_dimension_is_left_alone(string code) => Assert.Empty(SourceCode.UnnamedDimensions(code));

    // The rule above names sum and prod because only they take a type where a dimension is meant.
    [Theory]
    [InlineData(typeof(Tensor), 0)]
    [InlineData(typeof(torch), 1)]
    public void Only_sum_and_prod_take_a_type_in_place_of_a_dimension(Type type, int place)
    {
        bool Takes(MethodInfo method, params Type[] types) => method.GetParameters() is { } parameters && parameters.Length > place && types.Contains(parameters[place].ParameterType)
            && (place == 0 || parameters[0].ParameterType == typeof(Tensor));

        var mistakable = type.GetMethods().GroupBy(method => method.Name)
            .Where(overloads => overloads.Any(method => Takes(method, typeof(ScalarType), typeof(ScalarType?))) && overloads.Any(method => Takes(method, typeof(long))))
            .Select(overloads => overloads.Key);

        Assert.Equal(["prod", "sum"], mistakable.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_file_is_longer_than_four_hundred_lines() =>
        Assert.Empty(SourceCode.Files("src", "tests").Where(file => File.ReadLines(file).Count() > MaxLines).Select(Path.GetFileName));

    [Fact]
    public void Numerics_touch_neither_files_nor_the_console()
    {
        var source = Path.Combine(SharedData.RepositoryRoot(), "src");

        var offenders = SourceCode.Files("src")
            .Select(file => Path.GetRelativePath(source, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(file => !MayTouchFiles.Any(allowed => file.StartsWith(allowed, StringComparison.Ordinal)))
            .Where(file => TouchesOutside(File.ReadAllText(Path.Combine(source, file))));

        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("File.ReadAllText(path)", true)]
    [InlineData("System.IO.Directory.Exists(path)", true)]
    [InlineData("Console.WriteLine(1)", true)]
    [InlineData("new FileStream(path, FileMode.Open)", true)]
    [InlineData("new StreamWriter(path)", true)]
    [InlineData("CheckpointFile.Read(path)", false)]
    [InlineData("model.File.Length", false)]
    [InlineData("// File.ReadAllText(path)", false)]
    public void Use_of_files_is_found(string code, bool expected) => Assert.Equal(expected, TouchesOutside(code));

    private static bool TouchesOutside(string source) => Outside().IsMatch(SourceCode.WithoutTextAndComments(source));

    [GeneratedRegex(@"(?<![\w.])(?:System\.)?(?:IO\.)?(?:(?:File|Directory|Console)\.|(?:FileInfo|DirectoryInfo|FileStream|StreamReader|StreamWriter)\b)")]
    private static partial Regex Outside();
}
