namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>What the ways through an MLP's neurons, from read direction u_n to write direction v_n, add to the moments of their energy.</summary>
/// <param name="Total"><c>Σ_n |u_n|² |v_n|²</c>.</param>
/// <param name="Reads"><c>Σ_nm (u_n·u_m)² |v_n|² |v_m|²</c>.</param>
/// <param name="Writes"><c>Σ_nm |u_n|² |u_m|² (v_n·v_m)²</c>.</param>
/// <param name="Both"><c>Σ_nm (u_n·u_m)² (v_n·v_m)²</c>.</param>
public readonly record struct NeuronWays(double Total, double Reads, double Writes, double Both)
{
    /// <summary>Of the neurons of an MLP. <see cref="Both"/>, which needs all pairs of neurons, is computed in float32.</summary>
    /// <param name="reads">Read directions. [d_model, d_mlp]</param>
    /// <param name="writes">Write directions. [d_mlp, d_model]</param>
    public static NeuronWays Of(Tensor reads, Tensor writes)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor u = reads.to(float64), v = writes.to(float64);
        var (readEnergies, writeEnergies) = (u.square().sum(dim: 0), v.square().sum(dim: 1));                                // [d_mlp]
        // Directions of length 1 here, their energies as weights: Σ_nm x_n (û_n·û_m)² x_m = ‖Σ_n x_n û_n û_nᵀ‖² with x the energy of the way.
        var energies = readEnergies * writeEnergies;
        var (unitReads, unitWrites) = (u / readEnergies.sqrt().clamp_min(1e-150), v / writeEnergies.sqrt().clamp_min(1e-150).unsqueeze(-1));
        return new NeuronWays(
            energies.sum().item<double>(),
            (u * writeEnergies).matmul(u.T).square().sum().item<double>(),
            (v.T * readEnergies).matmul(v).square().sum().item<double>(),
            OfAllPairs(unitReads.T.to(float32), unitWrites.to(float32), energies));
    }

    private static double OfAllPairs(Tensor unitReads, Tensor unitWrites, Tensor energies)
    {
        const int Slice = 512;
        var (sum, neurons) = (0.0, unitReads.shape[0]);
        for (var start = 0L; start < neurons; start += Slice)
        {
            using var scope = NewDisposeScope();
            var (count, left) = (Math.Min(Slice, neurons - start), neurons - start);
            Tensor Cosines(Tensor units) => units.narrow(0, start, count).matmul(units.narrow(0, start, left).T);                  // [neuron, neuron from start on]
            var perNeuron = energies.narrow(0, start, count).matmul((Cosines(unitReads) * Cosines(unitWrites)).square().to(float64)) * energies.narrow(0, start, left);
            sum += 2 * perNeuron.sum().item<double>() - perNeuron.narrow(0, 0, count).sum().item<double>();                       // pairs beyond the slice count twice
        }

        return sum;
    }
}
