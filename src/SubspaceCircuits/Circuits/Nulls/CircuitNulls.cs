using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>Puts the nulls beside the energies of a circuit's edges: closed form, over the heads of a layer, and over all edges together.</summary>
public static class CircuitNulls
{
    /// <summary>The same circuit with <see cref="EdgeScores.Z"/>, <see cref="EdgeScores.Q"/> and, of QK and OV edges, <see cref="EdgeScores.HeadZ"/>.</summary>
    /// <param name="model">The model and its partitions.</param>
    /// <param name="circuit">All its candidates with their energies.</param>
    public static Circuit With(PartitionedModel model, Circuit circuit)
    {
        var table = new Table(circuit);
        var (weights, first) = (model.Weights, model.Partitions[0]);
        foreach (var (kind, from, rows) in new[] { (EdgeKind.Embed, "embed", weights.WE), (EdgeKind.Pos, "pos", weights.WPos) })
            table.Set(kind, from, first, EnergyNulls.OfEmbedding(rows, first, table.Energies(kind, from, first)));
        for (var layer = 0; layer < weights.Config.NLayers; layer++)
        {
            var (read, write) = model.AroundAttention(layer);
            var block = weights.Blocks[layer];
            using (var map = new ReadMap(block.Ln1, weights.Config.Epsilon, read))
            {
                string[] heads = [.. Enumerable.Range(0, weights.Config.NHeads).Select(head => Circuit.HeadId(layer, head))];
                double[][,] pairs = [.. heads.Select(via => table.Energies(EdgeKind.Qk, via, read, read))], moves = [.. heads.Select(via => table.Energies(EdgeKind.Ov, via, read, write))];
                var (pairZ, moveZ) = (RobustZ.Across([.. pairs.Select(Shares)]), RobustZ.Across([.. moves.Select(Shares)]));
                var ofPairs = EnergyNulls.OfQk(read, map, block.Attention, pairs);
                for (var head = 0; head < heads.Length; head++)
                {
                    table.Set(EdgeKind.Qk, heads[head], read, read, ofPairs[head], heads.Length > 2 ? pairZ[head] : null);
                    table.Set(EdgeKind.Ov, heads[head], read, write, EnergyNulls.OfOv(read, write, map, block.Attention, head, moves[head]), heads.Length > 2 ? moveZ[head] : null);
                }
            }

            table.Set(EdgeKind.Passthrough, null, read, write, EnergyNulls.OfPassthrough(read, write, table.Energies(EdgeKind.Passthrough, null, read, write)));
            if (block.Mlp is not { } mlp)
                continue;
            (read, write) = model.AroundMlp(layer);
            using var mlpMap = new ReadMap(block.Ln2, weights.Config.Epsilon, read);
            table.Set(EdgeKind.Mlp, Circuit.MlpId(layer), read, write, EnergyNulls.OfMlp(read, write, mlpMap, mlp, table.Energies(EdgeKind.Mlp, Circuit.MlpId(layer), read, write)));
            table.Set(EdgeKind.Passthrough, null, read, write, EnergyNulls.OfPassthrough(read, write, table.Energies(EdgeKind.Passthrough, null, read, write)));
        }

        using var last = new ReadMap(weights.LnFinal, weights.Config.Epsilon, model.Last);
        table.Set(EdgeKind.Unembed, "logits", model.Last, EnergyNulls.OfUnembedding(model.Last, last, weights.WU, table.Energies(EdgeKind.Unembed, "logits", model.Last)));
        return table.Circuit();
    }

    private static double[,] Shares(double[,] energies)
    {
        var total = energies.Cast<double>().Sum();
        var shares = new double[energies.GetLength(0), energies.GetLength(1)];
        for (var i = 0; i < shares.GetLength(0); i++)
        {
            for (var k = 0; k < shares.GetLength(1); k++)
                shares[i, k] = total > 0 ? energies[i, k] / total : 0;
        }

        return shares;
    }

    /// <summary>The edges of a circuit by place, and what is found for each.</summary>
    private sealed class Table
    {
        private readonly Circuit _circuit;
        private readonly Dictionary<(EdgeKind, string?, string, string), int> _places;
        private readonly (NullScore? Chance, double? HeadZ)[] _found;

        public Table(Circuit circuit)
        {
            _circuit = circuit;
            _places = circuit.Edges.Select((edge, place) => (edge, place)).ToDictionary(pair => pair.edge.Place, pair => pair.place);
            _found = new (NullScore?, double?)[circuit.Edges.Count];
        }

        public double[,] Energies(EdgeKind kind, string? via, Partition read, Partition write)
        {
            var energies = new double[read.Count, write.Count];
            for (var i = 0; i < read.Count; i++)
            {
                for (var k = 0; k < write.Count; k++)
                    energies[i, k] = _circuit.Edges[Place(kind, via, read, i, write, k)].Scores.Energy;
            }

            return energies;
        }

        public double[] Energies(EdgeKind kind, string end, Partition site) => [.. Enumerable.Range(0, site.Count).Select(unit => _circuit.Edges[Place(kind, end, site, unit)].Scores.Energy)];

        public void Set(EdgeKind kind, string? via, Partition read, Partition write, NullScore[,] scores, double[,]? headZ = null)
        {
            for (var i = 0; i < read.Count; i++)
            {
                for (var k = 0; k < write.Count; k++)
                    _found[Place(kind, via, read, i, write, k)] = (scores[i, k], headZ?[i, k]);
            }
        }

        public void Set(EdgeKind kind, string end, Partition site, NullScore[] scores)
        {
            for (var unit = 0; unit < site.Count; unit++)
                _found[Place(kind, end, site, unit)] = (scores[unit], null);
        }

        public Circuit Circuit()
        {
            int[] tested = [.. Enumerable.Range(0, _found.Length).Where(place => _found[place].Chance is not null)];
            var q = tested.Zip(BenjaminiHochberg.Adjusted([.. tested.Select(place => _found[place].Chance!.P)])).ToDictionary(pair => pair.First, pair => pair.Second);
            return _circuit with
            {
                Edges = [.. _circuit.Edges.Select((edge, place) => edge with
                {
                    Scores = edge.Scores with { Z = _found[place].Chance?.Z, Q = q.TryGetValue(place, out var rate) ? rate : null, HeadZ = _found[place].HeadZ },
                })],
            };
        }

        private int Place(EdgeKind kind, string? via, Partition read, int from, Partition write, int to) => _places[(kind, via, Circuits.Circuit.Id(read.Site!.Value, from), Circuits.Circuit.Id(write.Site!.Value, to))];

        private int Place(EdgeKind kind, string end, Partition site, int unit) =>
            Circuits.Circuit.Id(site.Site!.Value, unit) is var id && kind is EdgeKind.Unembed ? _places[(kind, null, id, end)] : _places[(kind, null, end, id)];
    }
}
