namespace SubspaceCircuits.Subspaces.Synthetic;

/// <summary>A variable of synthetic activations.</summary>
/// <param name="Basis">Its subspace. [d_model, dimensions], float32</param>
/// <param name="Cardinality">Values it can have; 0 for a Gaussian group.</param>
/// <param name="Values">Its value in every row; −1 where none is active, and everywhere in a Gaussian group.</param>
public sealed record SyntheticVariable(Tensor Basis, int Cardinality, IReadOnlyList<long> Values);

/// <summary>Activations with known subspaces. Owns its tensors and disposes them.</summary>
public sealed class SyntheticActivations : IDisposable
{
    private SyntheticActivations(Tensor rows, IReadOnlyList<SyntheticVariable> variables) => (Rows, Variables) = (rows, variables);

    /// <summary>The activations. [row, d_model], float32</summary>
    public Tensor Rows { get; }

    /// <summary>What they hold, in the order of the groups.</summary>
    public IReadOnlyList<SyntheticVariable> Variables { get; }

    /// <summary>Makes activations: <c>h = R [s_1 E_1[v_1], s_2 E_2[v_2], …] + noise</c>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static SyntheticActivations Make(SyntheticSettings settings)
    {
        settings.Validate();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)settings.Seed);
        var rotation = Rotation.Random(settings.DModel, generator);
        var values = Values(settings, generator);
        List<Tensor> parts = [];
        for (var group = 0; group < settings.Groups.Count; group++)
            parts.Add(Embedded(settings.Groups[group], values[group], settings.Rows, generator));

        if (settings.Rest > 0)
            parts.Add(zeros(settings.Rows, settings.Rest));
        var rows = cat(parts, dim: 1) + settings.Noise * randn([settings.Rows, settings.DModel], generator: generator); // [row, d_model]
        if (settings.Outliers > 0)
        {
            var isOutlier = rand([settings.Rows, 1], generator: generator).lt(settings.Outliers).to(float32);
            rows = rows + isOutlier * (5 * rows.square().mean().sqrt()) * randn([settings.Rows, settings.DModel], generator: generator);
        }

        var bases = rotation.split([.. settings.Groups.Select(group => (long)group.Dimensions).Append(settings.Rest).Where(size => size > 0)], dim: 1);
        SyntheticVariable[] variables = [.. values.Select((value, group) => new SyntheticVariable(bases[group].contiguous().DetachFromDisposeScope(), settings.Groups[group].Values, value))];
        return new SyntheticActivations(rows.matmul(rotation.T).DetachFromDisposeScope(), variables);
    }

    /// <summary>The subspaces that can be found: one for each variable, and all directions without structure as one. [d_model, dimensions] each, owned by the caller's scope.</summary>
    public IReadOnlyList<Tensor> Subspaces()
    {
        using var scope = NewDisposeScope();
        var found = Variables.Where(variable => variable.Cardinality > 0).Select(variable => variable.Basis.alias()).ToList();
        var held = found.Count > 0 ? cat(found, dim: 1) : zeros([Rows.shape[1], 0]);
        if (held.shape[1] < held.shape[0])
        {
            var (vectors, _, _) = linalg.svd(eye(held.shape[0]) - held.matmul(held.T));
            found.Add(vectors.narrow(1, 0, held.shape[0] - held.shape[1]).contiguous());
        }

        return [.. found.Select(basis => basis.MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Rows.Dispose();
        foreach (var variable in Variables)
            variable.Basis.Dispose();
    }

    private static List<long[]> Values(SyntheticSettings settings, Generator generator)
    {
        List<long[]> values = [];
        foreach (var group in settings.Groups)
        {
            if (group.Values == 0)
            {
                values.Add([.. Enumerable.Repeat(-1L, settings.Rows)]);
                continue;
            }

            var frequencies = arange(1, group.Values + 1, dtype: float64).pow(-group.Zipf);
            long[] drawn = [.. multinomial(frequencies, settings.Rows, replacement: true, generator: generator).data<long>()];
            foreach (var (from, _, probability) in settings.Dependences.Where(dependence => dependence.To == values.Count))
            {
                var isCopied = rand([settings.Rows], generator: generator).lt(probability).data<bool>().ToArray();
                for (var row = 0; row < drawn.Length; row++)
                    drawn[row] = isCopied[row] ? values[from][row] % group.Values : drawn[row];
            }

            if (group.Activity is { } activity)
            {
                var isActive = rand([settings.Rows], generator: generator).lt(activity).data<bool>().ToArray();
                for (var row = 0; row < drawn.Length; row++)
                    drawn[row] = isActive[row] ? drawn[row] : -1;
            }

            values.Add(drawn);
        }

        return values;
    }

    /// <summary>[row, dimensions]</summary>
    private static Tensor Embedded(SyntheticGroup group, long[] values, int rows, Generator generator)
    {
        if (group.Values == 0)
            return group.Scale * randn([rows, group.Dimensions], generator: generator);
        var vectors = randn([group.Values, group.Dimensions], generator: generator);
        if (group.Activity is not null)
        {
            var strengths = rand([rows, 1], generator: generator) * tensor(values).ge(0).to(float32).unsqueeze(1);
            return group.Scale * strengths * nn.functional.normalize(vectors, dim: 1).index_select(0, tensor(values).clamp_min(0));
        }

        vectors = vectors - vectors.mean([0]);
        return group.Scale * (vectors / vectors.square().mean().sqrt()).index_select(0, tensor(values));
    }
}
