using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.KnownCircuits.Tasks;

/// <summary>What an output can be.</summary>
/// <param name="Encoding">Categorical outputs have a logit for each value, numerical ones one logit, which is the number.</param>
/// <param name="Values">The values, ascending.</param>
internal sealed record OutputValues(Encoding Encoding, IReadOnlyList<Value> Values)
{
    /// <summary>How many logits it has.</summary>
    public int Logits => Encoding is Encoding.Numerical ? 1 : Values.Count;

    /// <summary>How many answers there are: the values and None.</summary>
    public int Answers => Values.Count + 1;
}

/// <summary>
/// The outputs of a program must be right: the greatest logit of a categorical output is that of its value, or none reaches ½ where it is None; a number is within
/// 10⁻³. A target is the number whose digits, in the base of each output's answers, say which value each has.
/// </summary>
internal sealed class OutputScoring(IReadOnlyList<OutputValues> outputs) : IScoring
{
    private const double Tolerance = 1e-3, Threshold = .5;

    /// <summary>Logits in all.</summary>
    public int Logits => outputs.Sum(output => output.Logits);

    /// <summary>The target that stands for these values.</summary>
    public int Target(IReadOnlyList<Value?> values)
    {
        var target = 0;
        for (var at = outputs.Count - 1; at >= 0; at--)
        {
            var known = outputs[at].Values;
            target = checked((target * outputs[at].Answers) + Enumerable.Range(0, known.Count).FirstOrDefault(index => known[index] == values[at], known.Count));
        }

        return target;
    }

    /// <inheritdoc/>
    public Tensor IsRight(TaskBatch batch, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var (right, rest) = (ones_like(batch.Targets, dtype: ScalarType.Bool), batch.Targets.clamp_min(0));
        foreach (var (output, own) in Segments(logits))
        {
            var answer = rest.remainder(output.Answers);
            rest = rest.div(output.Answers, RoundingMode.floor);
            right = right.logical_and(output.Encoding is Encoding.Numerical
                ? (own.squeeze(-1).to(float64) - Numbers(output, logits.device)[answer]).abs().le(Tolerance)
                : Answer(output, own).eq(answer));
        }

        return right.logical_or(batch.Targets.eq(TaskSample.Unsupervised)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor IsSame(Tensor logits, Tensor other)
    {
        using var scope = NewDisposeScope();
        Tensor? same = null;
        foreach (var ((output, own), (_, others)) in Segments(logits).Zip(Segments(other)))
        {
            var equal = output.Encoding is Encoding.Numerical ? (own - others).abs().squeeze(-1).le(Tolerance) : Answer(output, own).eq(Answer(output, others));
            same = same?.logical_and(equal) ?? equal;
        }

        return same!.MoveToOuterDisposeScope();
    }

    /// <summary>Summed over the outputs: of the softmax distributions of a categorical one; of unit Gaussians around the numbers, <c>(a − b)²/2</c>.</summary>
    /// <inheritdoc/>
    public Tensor Divergence(Tensor whole, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var sum = zeros(whole.shape[0], whole.shape[1], dtype: whole.dtype, device: whole.device);
        foreach (var ((output, own), (_, others)) in Segments(whole).Zip(Segments(logits)))
        {
            if (output.Encoding is Encoding.Numerical)
            {
                sum = sum + ((own - others).square().squeeze(-1) / 2);
                continue;
            }

            Tensor full = own.log_softmax(-1), found = others.log_softmax(-1);
            sum = sum + (full.exp() * (full - found)).sum(dim: -1);
        }

        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>Index of the greatest logit of a categorical output, the number of a numerical one.</summary>
    /// <inheritdoc/>
    public Tensor Predict(Tensor logits) =>
        OfEach(logits, (output, own) => output.Encoding is Encoding.Numerical ? own.squeeze(-1) : own.argmax(-1));

    /// <summary>Of the same distributions as the divergence.</summary>
    /// <inheritdoc/>
    public Tensor Sample(Tensor logits, Generator generator) => OfEach(logits, (output, own) => output.Encoding is Encoding.Numerical
        ? own.squeeze(-1) + randn(own.shape[..^1], dtype: own.dtype, device: own.device, generator: generator)
        : NextTokenScoring.Instance.Sample(own, generator));

    /// <summary>Of the same distributions as the divergence; that of a number less its constant <c>−ln √(2π)</c>.</summary>
    /// <inheritdoc/>
    public Tensor LogLikelihood(Tensor logits, Tensor outcome)
    {
        using var scope = NewDisposeScope();
        var parts = Segments(logits).Select((segment, index) => outcome.select(-1, index) is var own && segment.Output.Encoding is Encoding.Numerical
            ? -(segment.Logits.squeeze(-1) - own).square() / 2
            : NextTokenScoring.Instance.LogLikelihood(segment.Logits, own.to(int64)));
        return stack([.. parts], dim: 0).sum(dim: 0).MoveToOuterDisposeScope();
    }

    /// <summary>One number for every output. [batch, pos, output], float64</summary>
    private Tensor OfEach(Tensor logits, Func<OutputValues, Tensor, Tensor> number)
    {
        using var scope = NewDisposeScope();
        return stack([.. Segments(logits).Select(segment => number(segment.Output, segment.Logits).to(float64))], dim: -1).MoveToOuterDisposeScope();
    }

    private static Tensor Answer(OutputValues output, Tensor own)
    {
        var (best, at) = own.max(-1);
        return at.where(best.gt(Threshold), full_like(at, output.Values.Count));
    }

    private static Tensor Numbers(OutputValues output, Device device) =>
        tensor([.. output.Values.Select(value => (double)value.Number), double.NaN], dtype: float64, device: device);

    private IEnumerable<(OutputValues Output, Tensor Logits)> Segments(Tensor logits)
    {
        var first = 0L;
        foreach (var output in outputs)
        {
            yield return (output, logits.narrow(-1, first, output.Logits));
            first += output.Logits;
        }
    }
}
