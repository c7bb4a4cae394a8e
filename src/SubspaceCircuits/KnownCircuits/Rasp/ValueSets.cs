namespace SubspaceCircuits.KnownCircuits.Rasp;

/// <summary>What a variable can be.</summary>
/// <param name="Values">Its values, ascending.</param>
/// <param name="IsNullable">Whether it can be None.</param>
public sealed record ValueSet(IReadOnlyList<Value> Values, bool IsNullable);

/// <summary>Finds every value that each variable of a program can have, input by input: more than it will have, where inputs depend on each other.</summary>
public static class ValueSets
{
    /// <summary>Values of all variables.</summary>
    /// <param name="variables">The program: every variable after its inputs.</param>
    /// <param name="vocabulary">Values of the tokens.</param>
    /// <param name="maxLength">Longest sequence, without BOS; at least 1.</param>
    /// <param name="mostValues">Most values that one variable may have.</param>
    /// <exception cref="RaspException">A variable has none, or more than that, or values that are no numbers where numbers are needed.</exception>
    public static IReadOnlyDictionary<SequenceOperator, ValueSet> Infer(IReadOnlyList<SequenceOperator> variables, IReadOnlyList<Value> vocabulary, int maxLength, int mostValues = 4096)
    {
        Dictionary<SequenceOperator, ValueSet> sets = new(ReferenceEqualityComparer.Instance);
        foreach (var node in variables)
        {
            var inferred = Of(node);
            var values = (node.DeclaredValues ?? inferred.Values).Distinct().Order().ToArray();
            if (values.Length == 0 || values.Length > mostValues)
                throw new RaspException($"{node} can have {values.Length} values; 1 to {mostValues} can be compiled. Declare its values where they are known better.");
            if (node.Encoding is Encoding.Numerical && values.FirstOrDefault(value => !value.IsNumber) is { } other)
                throw new RaspException($"{node} is numerical, but can be {other}.");
            sets[node] = new ValueSet(values, inferred.IsNullable);
        }

        return sets;

        ValueSet Of(SequenceOperator node)
        {
            ValueSet[] inputs = [.. node.Inputs.Select(input => sets[input])];
            var isNullable = inputs.Any(input => input.IsNullable);
            switch (node)
            {
                case Tokens:
                    return new ValueSet(vocabulary, false);
                case Indices:
                    return new ValueSet([.. Enumerable.Range(0, maxLength).Select(index => (Value)index)], false);
                case Full full:
                    return new ValueSet([full.Value], false);
                case Map map:
                    return Some(inputs[0].Values.Select(value => Result(() => map.Function(value))), isNullable);
                case SequenceMap map:
                    return Some(inputs[0].Values.SelectMany(a => inputs[1].Values, (a, b) => Result(() => map.Function(a, b))), isNullable);
                case LinearSequenceMap map:
                    return Some(inputs[0].Values.SelectMany(a => inputs[1].Values, (a, b) => (Value?)((map.Alpha * a.Number) + (map.Beta * b.Number))), isNullable);
                case Aggregate { Encoding: Encoding.Categorical }:
                    return inputs[2] with { IsNullable = true };
                case Aggregate aggregate:
                    return new ValueSet(aggregate.DeclaredValues ?? Means(aggregate, inputs[2].Values, maxLength), false);
                default:
                    return new ValueSet([.. Enumerable.Range(0, maxLength + 1).Select(count => (Value)count)], false);
            }
        }
    }

    private static ValueSet Some(IEnumerable<Value?> results, bool isNullable)
    {
        var all = results.Distinct().ToArray();
        return new ValueSet([.. all.OfType<Value>()], isNullable || all.Contains(null));
    }

    /// <summary>None where arithmetic has no result, as where it says None.</summary>
    internal static Value? Result(Func<Value?> function)
    {
        try
        {
            return function();
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }

    /// <summary><c>k/n</c> for n up to the longest sequence and every sum k of n whole numbers between the least and the greatest value; 0 where nothing is selected.</summary>
    private static Value[] Means(Aggregate aggregate, IReadOnlyList<Value> values, int maxLength)
    {
        var numbers = values.Select(value => value.Number).Append(0).ToArray();
        if (numbers.Any(number => !number.Denominator.IsOne))
            throw new RaspException($"{aggregate} is a mean of {aggregate.Value}, whose values are not all whole numbers: declare the values that the mean can have.");
        return [.. Enumerable.Range(1, maxLength).SelectMany(n => Sums(n).Select(sum => (Value)new Rational(sum, n))).Distinct()];

        IEnumerable<System.Numerics.BigInteger> Sums(int n)
        {
            for (var sum = numbers.Min().Numerator * n; sum <= numbers.Max().Numerator * n; sum++)
                yield return sum;
        }
    }
}
