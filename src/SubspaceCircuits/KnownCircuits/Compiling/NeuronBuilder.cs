using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Compiling;

/// <summary>
/// Groups of ReLU neurons that compute functions of variables exactly, with room for errors of the inputs: a look-up tolerates ¼ on an indicator, a step
/// ⅜ of the distance between neighbouring values. At BOS, where every variable is zero, they write nothing.
/// </summary>
internal sealed class NeuronBuilder
{
    private const double RampFraction = .25; // of the distance between two values: how much of it a step rises over
    private const double LeastGap = 1e-9;

    private readonly Layout _layout;
    private readonly SequenceOperator _node;
    private readonly Rows _wIn, _wOut; // a row for each neuron
    private readonly List<double> _bIn = [];

    private NeuronBuilder(Layout layout, SequenceOperator node)
    {
        (_layout, _node) = (layout, node);
        (_wIn, _wOut) = (new(layout.DModel), new(layout.DModel));
    }

    /// <summary>The neurons of a variable that an MLP writes.</summary>
    /// <param name="layout">Residual stream.</param>
    /// <param name="node">The variable.</param>
    /// <param name="kappa">Weight of BOS in selector widths.</param>
    public static NeuronPart Build(Layout layout, SequenceOperator node, double kappa)
    {
        var builder = new NeuronBuilder(layout, node);
        var blocks = builder.Write(kappa);
        var (wIn, wOut) = (builder._wIn.Tensor().T, builder._wOut.Tensor());
        // A function that is constant does not read its variable, and one that starts with None writes nothing at BOS that a read of BOS would have to undo.
        bool IsRead(ResidualBlock block) => wIn.narrow(0, block.First, block.Size).abs().sum(dim: 0).dot(wOut.abs().sum(dim: 1)).item<double>() > 0;
        return new NeuronPart(wIn, tensor(builder._bIn.ToArray(), dtype: float64), wOut, new NeuronRole([.. blocks.Where(IsRead).Select(block => block.Id)], layout[node].Id));
    }

    /// <summary>Makes the neurons; gives the blocks that they can read.</summary>
    private ResidualBlock[] Write(double kappa)
    {
        var bos = _layout.Bos;
        switch (_node)
        {
            case Map { Inputs: [{ Encoding: Encoding.Categorical } input] } map:
                foreach (var value in _layout.Sets[input].Values)
                    LookUp(Result(() => map.Function(value)), (input, value));
                return [_layout[input]];
            case Map { Inputs: [var input] } map:
                RequireNumber(input);
                Step(_layout[input].First, 0, [.. _layout.Sets[input].Values.Select(value => ((double)value.Number, Result(() => map.Function(value))))]);
                return [_layout[input], bos];
            case SequenceMap { Inputs: [var first, var second] } map:
                foreach (var a in _layout.Sets[first].Values)
                {
                    foreach (var b in _layout.Sets[second].Values)
                        LookUp(Result(() => map.Function(a, b)), (first, a), (second, b));
                }

                return [_layout[first], _layout[second]];
            case LinearSequenceMap { Inputs: [var first, var second] } map:
                Linear(first, (double)map.Alpha);
                Linear(second, (double)map.Beta);
                return [_layout[first], _layout[second]];
            case SelectorWidth:
                var counts = _layout.Sets[_node].Values.OrderDescending(); // the fewer are selected, the more is left to BOS
                Step(_layout.Scratch(_node).First, 1, [.. counts.Select(count => (kappa / (kappa + (double)count.Number), (Value?)count))]);
                return [_layout.Scratch(_node), bos];
            case Full full:
                Everywhere(full.Value);
                return [bos];
            default:
                throw new RaspException($"{_node} is of a kind that cannot be compiled to an MLP.");
        }
    }

    /// <summary>A neuron that is 1 when all these variables have these values, else 0.</summary>
    private void LookUp(Value? result, params (SequenceOperator Node, Value Value)[] inputs)
    {
        if (result is not null)
            Neuron(inputs.Select(input => (_layout.Code(input.Node, input.Value).Single().Coordinate, 2.0)), 1 - (2 * inputs.Length), _layout.Code(_node, result));
    }

    /// <summary>A function of one direction: it starts with the first result everywhere and changes half way between values whose results differ.</summary>
    /// <param name="coordinate">The direction.</param>
    /// <param name="atBos">What stands there at BOS.</param>
    /// <param name="steps">Values, ascending, and results.</param>
    private void Step(int coordinate, double atBos, IReadOnlyList<(double At, Value? Result)> steps)
    {
        Everywhere(steps[0].Result);
        foreach (var ((before, old), (after, result)) in steps.Zip(steps.Skip(1)))
        {
            if (!(after - before >= LeastGap))
                throw new RaspException($"{_node} would have to tell {before:g6} from {after:g6}; values that lie closer than {LeastGap:g1} cannot be compiled.");
            if (old == result)
                continue;
            var (middle, slope) = ((before + after) / 2, 1 / (RampFraction * (after - before)));
            (int, double)[] change = [.. _layout.Code(_node, result), .. _layout.Code(_node, old).Select(entry => (entry.Coordinate, -entry.Value))];
            foreach (var (shift, sign) in new[] { (.5, 1.0), (-.5, -1.0) })
            {
                var bias = shift - (slope * middle);
                Neuron([(coordinate, slope), (_layout.Bos.First, Math.Min(0, -((slope * atBos) + bias)))], bias, change.Select(entry => (entry.Item1, sign * entry.Item2)));
            }
        }
    }

    private void Linear(SequenceOperator input, double factor)
    {
        RequireNumber(input);
        foreach (var sign in new[] { 1.0, -1.0 })
            Neuron([(_layout[input].First, sign)], 0, [(_layout[_node].First, sign * factor)]);
    }

    private void Everywhere(Value? value)
    {
        if (value is not null)
            Neuron([(_layout.Bos.First, -1)], 1, _layout.Code(_node, value));
    }

    private void Neuron(IEnumerable<(int, double)> reads, double bias, IEnumerable<(int, double)> writes)
    {
        _wIn.Add(reads);
        _bIn.Add(bias);
        _wOut.Add(writes);
    }

    private void RequireNumber(SequenceOperator input)
    {
        if (_layout.Sets[input].IsNullable)
            throw new RaspException($"{_node} reads the number {input}, which can be None; a number cannot be told from None. Give it a value with a map.");
    }

    private static Value? Result(Func<Value?> function) => ValueSets.Result(function);
}
