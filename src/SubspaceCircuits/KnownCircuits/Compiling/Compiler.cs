using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.KnownCircuits.Compiling;

/// <summary>
/// Compiles a program to a transformer that computes it exactly: ReLU MLPs, no norms, a direction for every value of every variable, constants in biases, BOS
/// in a direction of its own that the program does not see (after Lindner et al. 2023, "Tracr"; rank factorisation, gates and the elimination of reads that
/// change nothing are ours).
/// </summary>
/// <remarks>
/// At every position every block holds the code of its variable from the half-layer on that writes it, and nothing before; at BOS all of them hold nothing.
/// With w selected and u other keys a head is wrong by at most <c>(e^(−β/2) + u e^(−β))</c> of the range of its values; with none selected by <c>n e^(−β/2)</c>.
/// </remarks>
public static class Compiler
{
    /// <summary>The transformer in parts, in the caller's dispose scope.</summary>
    /// <param name="program">The program.</param>
    /// <param name="options">Numbers; null for the exact ones.</param>
    /// <exception cref="RaspException">The program cannot be compiled; one line says which variable and why.</exception>
    public static ModelParts Compile(KnownProgram program, CompilerOptions? options = null)
    {
        options ??= new CompilerOptions();
        options.Validate();
        RequireOneSource(program);
        var sets = ValueSets.Infer(program.Variables, program.Vocabulary, program.MaxLength);
        var layout = new Layout(program, sets, options.HasPad);
        var written = HalfLayers.Of(program.Variables);
        LayerParts[] layers = [.. Enumerable.Range(0, Math.Max(1, (written.Values.Max() / 2) + 1)).Select(layer => new LayerParts(
            [.. Heads(program, layout, written, layer, options)],
            [.. program.Variables.Where(node => written[node] == (2 * layer) + 1).Select(node => NeuronBuilder.Build(layout, node, Kappa(program, options)))]))];
        return new ModelParts(Embedding(program, layout), Positions(program, layout), Unembedding(program, layout, options), program.IsCausal, layers,
            [.. Variables(program, layout, written, PositionOnly(layout, program.Variables, layers))], [.. program.Outputs.Select(output => layout[output].Id)]);
    }

    private static double Kappa(KnownProgram program, CompilerOptions options) => options.Kappa ?? program.MaxLength;

    private static IEnumerable<HeadPart> Heads(KnownProgram program, Layout layout, IReadOnlyDictionary<SequenceOperator, int> written, int layer, CompilerOptions options)
    {
        List<HeadBuilder> heads = [];
        List<(Selector Selector, HeadBuilder Head)> finders = [];
        foreach (var node in program.Variables)
        {
            if (node is SelectorWidth width && written[node] == (2 * layer) + 1)
            {
                var head = new HeadBuilder(layout, width.Selector, options.Beta + Math.Log(Kappa(program, options)), options);
                head.Move(layout.Bos, layout.Scratch(node));
                heads.Add(head);
            }
            else if (node is Aggregate aggregate && written[node] == 2 * layer)
            {
                var head = options.SharesSelectors ? finders.Find(finder => IsSame(finder.Selector, aggregate.Selector, layout)).Head : null;
                if (head is null)
                {
                    heads.Add(head = new HeadBuilder(layout, aggregate.Selector, options.Beta / 2, options));
                    finders.Add((aggregate.Selector, head));
                }

                head.Move(layout[aggregate.Value], layout[node]);
            }
        }

        return heads.Select(head => head.Build());
    }

    /// <summary>Whether two selectors select the same, whatever the sequence.</summary>
    private static bool IsSame(Selector a, Selector b, Layout layout) => ReferenceEquals(a.Keys, b.Keys) && ReferenceEquals(a.Queries, b.Queries)
        && layout.Sets[a.Queries].Values.All(query => layout.Sets[a.Keys].Values.All(key => a.Predicate(key, query) == b.Predicate(key, query)));

    private static Tensor Embedding(KnownProgram program, Layout layout)
    {
        var rows = new Rows(layout.DModel);
        var tokens = program.Variables.OfType<Tokens>().FirstOrDefault();
        foreach (var value in program.Vocabulary)
            rows.Add(tokens is null ? [] : layout.Code(tokens, value));
        rows.Add([(layout.Bos.First, 1)]);
        if (layout.Pad is { } pad)
            rows.Add([(pad.First, 1)]);
        return rows.Tensor();
    }

    private static Tensor Positions(KnownProgram program, Layout layout)
    {
        var rows = new Rows(layout.DModel);
        var indices = program.Variables.OfType<Indices>().FirstOrDefault();
        rows.Add([]); // BOS
        for (var index = 0; index < program.MaxLength; index++)
            rows.Add(indices is null ? [] : layout.Code(indices, index));
        return rows.Tensor();
    }

    private static Tensor Unembedding(KnownProgram program, Layout layout, CompilerOptions options)
    {
        var logits = new Rows(layout.DModel);
        foreach (var block in program.Outputs.Select(output => layout[output]))
        {
            for (var at = 0; at < block.Size; at++)
                logits.Add([(block.First + at, options.UnembedScale)]);
        }

        return logits.Tensor().T.contiguous();
    }

    private static IEnumerable<KnownVariable> Variables(KnownProgram program, Layout layout, IReadOnlyDictionary<SequenceOperator, int> written, HashSet<string> positionOnly)
    {
        KnownVariable Variable(ResidualBlock block, Encoding encoding, IReadOnlyList<Value> values, bool isNullable, int writtenAt, bool isAuxiliary = false)
        {
            var reads = eye(layout.DModel, dtype: float64).narrow(1, block.First, block.Size).clone();
            return new KnownVariable(block.Id, encoding, values, isNullable, writtenAt, isAuxiliary, positionOnly.Contains(block.Id), reads.T.contiguous(), reads);
        }

        yield return Variable(layout.Bos, Encoding.Numerical, [], false, -1, true);
        if (layout.Pad is { } pad)
            yield return Variable(pad, Encoding.Numerical, [], false, -1, true);
        foreach (var node in program.Variables)
        {
            if (node is SelectorWidth)
                yield return Variable(layout.Scratch(node), Encoding.Numerical, [], false, written[node] - 1);
            yield return Variable(layout[node], node.Encoding, layout.Sets[node].Values, layout.Sets[node].IsNullable, written[node]);
        }
    }

    /// <summary>Variables whose computation reads no token, directly or through others: they are the same in all sequences of one length.</summary>
    private static HashSet<string> PositionOnly(Layout layout, IReadOnlyList<SequenceOperator> variables, IReadOnlyList<LayerParts> layers)
    {
        HashSet<string> found = [layout.Bos.Id, .. layout.Pad is { } pad ? [pad.Id] : Array.Empty<string>(), .. variables.OfType<Indices>().Select(node => layout[node].Id)];
        foreach (var layer in layers)
        {
            foreach (var head in layer.Heads.Select(head => head.Role).Where(role => role.Pairs.All(pair => (pair.Query is null || found.Contains(pair.Query)) && found.Contains(pair.Key))))
                found.UnionWith(head.Moves.Where(move => found.Contains(move.From)).Select(move => move.To));
            found.UnionWith(layer.Neurons.Select(part => part.Role).Where(role => role.Reads.All(found.Contains)).Select(role => role.Writes!));
        }

        return found;
    }

    private static void RequireOneSource(KnownProgram program)
    {
        if (program.Variables.Count(node => node is Tokens) > 1 || program.Variables.Count(node => node is Indices) > 1)
            throw new RaspException($"{program.Id} has its tokens or indices more than once; make them once and use them everywhere.");
    }
}
