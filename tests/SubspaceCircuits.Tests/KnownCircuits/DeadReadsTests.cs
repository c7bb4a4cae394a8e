using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.KnownCircuits;

/// <summary>What a head is not known to compare does not change where it looks, not even by rounding; what it is known to compare does.</summary>
public class DeadReadsTests
{
    private const int Sequences = 4;

    public static TheoryData<string> Programs() => [.. ProgramCatalogue.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Queries_and_keys_move_attention_only_where_they_are_read(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        var program = entry.Build(entry.Tested);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var model = Compiler.Compile(program).Assemble(id);
        var random = new Random(1);
        var tokens = tensor(Enumerable.Range(0, Sequences).SelectMany(_ => program.TokenIds(program.Sample(random, program.MaxLength))).ToArray(), [Sequences, program.MaxLength + 1]);

        foreach (var layer in model.Heads.GroupBy(head => head.Layer))
        {
            var clean = Pattern(layer.Key);
            foreach (var variable in model.Variables)
            {
                var anything = randn([Sequences, program.MaxLength + 1, variable.Writes.shape[0]], dtype: float64, generator: generator).matmul(variable.Writes); // [batch, pos, d_model]
                foreach (var (point, reads) in new[] { (HookPoint.Q(layer.Key), Queries(layer, variable)), (HookPoint.K(layer.Key), Keys(layer, variable)) })
                {
                    using var perturbed = new Hooks(point).Replace(HookPoint.ResidPre(layer.Key), x => x + anything);
                    Transformer.Forward(model.Weights, tokens, hooks: perturbed, stopAtLayer: layer.Key + 1);

                    var pattern = Pattern(layer.Key, point, perturbed[point]);

                    Assert.All(layer, head => Assert.Equal(!reads.Contains(head), pattern.select(1, head.Head).equal(clean.select(1, head.Head)).all().item<bool>()));
                }
            }
        }

        // Attention [batch, head, query, key] with other queries or keys.
        Tensor Pattern(int layer, HookPoint? replaced = null, Tensor? by = null)
        {
            using var hooks = new Hooks(HookPoint.Pattern(layer));
            if (replaced is { } point)
                hooks.Replace(point, _ => by!);
            Transformer.Forward(model.Weights, tokens, hooks: hooks, stopAtLayer: layer + 1);
            return hooks[HookPoint.Pattern(layer)].clone();
        }
    }

    private static HashSet<KnownHead> Queries(IEnumerable<KnownHead> heads, KnownVariable variable) => [.. heads.Where(head => head.Role.Pairs.Any(pair => pair.Query == variable.Id))];

    private static HashSet<KnownHead> Keys(IEnumerable<KnownHead> heads, KnownVariable variable) => [.. heads.Where(head => head.Role.Pairs.Any(pair => pair.Key == variable.Id))];
}
