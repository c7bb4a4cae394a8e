using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions.Norms;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Circuits;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Interventions.Norms;

/// <summary>With constants in the place of σ the model is the affine algebra of <see cref="ReadMap"/>, exactly.</summary>
public sealed class NormConstantsTests
{
    private static readonly double[][] Constants = [[0.7, 1.3], [1.1, 0.6], [0.9, 1.7], [2, 0.8], [0.5, 1.2]];

    [Fact]
    public void Score_blocks_of_subspaces_add_up_to_the_score_with_the_constant()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        using var weights = model.Weights.To(float64);
        var constants = Given(weights, PositionClasses.One);
        var reader = NormReader.All(weights.Config)[2];
        var (attention, norm) = (weights.Blocks[1].Attention, weights.Blocks[1].Ln1);
        using var hooks = constants.Hooks();
        using var kept = new Hooks(HookPoint.ResidPre(1), HookPoint.AttnScores(1));
        foreach (var (each, values) in constants.InverseScales)
            kept.Replace(each.Scale, scale => full_like(scale, 1 / values[0]));
        var logits = Transformer.Forward(weights, model.Tokens, hooks: hooks);
        Near.Equal(Transformer.Forward(weights, model.Tokens, hooks: kept), logits, 0);

        using var read = new Partition(null, linalg.qr(randn(10, 10, dtype: float64, generator: new Generator(1))).Q, [5, 3, 2], randn(10, dtype: float64, generator: new Generator(2)), eye(10, dtype: float64));
        using var map = new ReadMap(norm, weights.Config.Epsilon, read, constants.InverseScales[reader][0]);
        var u = kept[HookPoint.ResidPre(1)] - read.Mean;                                                         // [batch, pos, d_model]
        for (var head = 0; head < weights.Config.NHeads; head++)
        {
            Tensor Block(Tensor w, int unit) => u.matmul(read.Basis(unit)).matmul(read.Basis(unit).T.matmul(map.Matrix).matmul(w));
            Tensor query = map.Constant.matmul(attention.WQ[head]) + attention.BQ[head], key = map.Constant.matmul(attention.WK[head]) + attention.BK[head];
            Tensor[] queries = [.. Enumerable.Range(0, 3).Select(unit => Block(attention.WQ[head], unit)), query.expand(6, 8, 4)];
            Tensor[] keys = [.. Enumerable.Range(0, 3).Select(unit => Block(attention.WK[head], unit)), key.expand(6, 8, 4)];
            var sum = (from q in queries from k in keys select q.matmul(k.transpose(1, 2)) / 2).Aggregate((a, b) => a + b);
            var scores = kept[HookPoint.AttnScores(1)].select(1, head);
            Near.Equal(scores.tril(), sum.tril(), 1e-10);

            // The energies of the same blocks add up to that of the whole form.
            var form = map.Matrix.matmul(attention.WQ[head]).matmul(attention.WK[head].T).matmul(map.Matrix.T) / 2;
            Near.Equal(1, QkBlocks.Of(read, map, attention, head).Energy.Cast<double>().Sum() / Dense.Energy(form), 1e-10);
        }
    }

    [Fact]
    public void Every_class_of_positions_has_its_own_constant()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        using var weights = model.Weights.To(float64);
        var constants = Given(weights, PositionClasses.FirstAndRest);
        var final = NormReader.All(weights.Config)[4];
        using var hooks = constants.Only(final).Hooks();

        var logits = Transformer.Forward(weights, model.Tokens, hooks: hooks);

        var last = Transformer.Forward(weights, model.Tokens, stopAtLayer: 2);
        for (var position = 0; position < 8; position++)
        {
            using var map = new ReadMap(weights.LnFinal, weights.Config.Epsilon, model.Model.Last, Constants[4][position == 0 ? 0 : 1]);
            var read = (last.select(1, position) - model.Model.Last.Mean.to(float64)).matmul(map.Matrix) + map.Constant;
            Near.Equal(read.matmul(weights.WU) + weights.BU, logits.select(1, position), 1e-10);
        }
    }

    private static NormConstants Given(Weights weights, PositionClasses classes) => new(classes, NormReader.All(weights.Config).Index()
        .ToDictionary(pair => pair.Item, pair => (IReadOnlyList<double>)Constants[pair.Index][..classes.Names.Count]));
}
