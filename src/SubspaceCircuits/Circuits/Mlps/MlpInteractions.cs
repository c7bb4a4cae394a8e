using SubspaceCircuits.Models;

namespace SubspaceCircuits.Circuits.Mlps;

/// <summary>What an MLP does on measured activations of its read site, its norm with their own σ, beside what its first two orders say that it does.</summary>
/// <param name="Sobol">How much each subspace that it reads matters to each that it writes.</param>
/// <param name="Linear">
/// Share of the variance of out_k that the first order predicts, <c>1 − tr Var(out_k − u J_k)/V_k</c> with J the mean Jacobian of <see cref="MlpBlocks"/>; negative where it does worse than the mean. [subspace_write]
/// </param>
/// <param name="Quadratic">The same for the first two orders together. [subspace_write]</param>
/// <param name="SteinError">
/// <c>‖Cov(x, out_k) − Σ J_k‖/‖Cov(x, out_k)‖</c> with the covariances of these activations: zero for a Gaussian stream and a constant norm. [subspace_write]
/// </param>
public sealed record MlpInteractions(SobolIndices Sobol, double[] Linear, double[] Quadratic, double[] SteinError)
{
    /// <summary>Runs one MLP alone.</summary>
    /// <param name="model">The model and its partitions, whose moments give the first two orders.</param>
    /// <param name="layer">Which MLP.</param>
    /// <param name="activations">Of the site that it reads, a few thousand: row · d_mlp numbers of float64 are held several times. [row, d_model]</param>
    /// <param name="generator">Pairs every token with another.</param>
    public static MlpInteractions Of(PartitionedModel model, int layer, Tensor activations, Generator generator)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (read, write) = model.AroundMlp(layer);
        var (config, block, mlp) = (model.Weights.Config, model.Weights.Blocks[layer], model.Weights.Blocks[layer].Mlp!);
        Tensor Run(Tensor x) => Transformer.Mlp(config, mlp, Transformer.Normalize(x, block.Ln2, config.Epsilon, new Hooks(), HookPoint.Ln2Scale(layer)), layer, new Hooks());
        Tensor Share(Tensor squares) => Blocks.SumsOf(squares, 0, write);

        var rows = activations.to(mlp.WIn.dtype).to(mlp.WIn.device);
        using var map = new ReadMap(block.Ln2, config.Epsilon, read);
        var neurons = GaussianNeurons.Of(map.Matrix.matmul(mlp.WIn.to(float64)), map, mlp, config.Activation, read.Covariance.to(float64));
        var writes = mlp.WOut.to(float64).matmul(write.R.to(float64));                                  // [d_mlp, d_model]
        var u = rows.to(float64) - rows.to(float64).mean([0]);
        var written = Run(rows).to(float64).matmul(write.R.to(float64));
        written = written - written.mean([0]);                                                          // [row, d_model]
        var variance = Share(written.square().mean([0]));

        double[] Explained(Tensor predicted)
        {
            var left = Share((written - predicted.matmul(writes)).var(0, unbiased: false));
            return ToArray(where(variance.gt(0), 1 - left / variance, zeros_like(variance)));
        }

        var y = (rows.to(float64) - read.Mean.to(float64)).matmul(neurons.Reads);                       // [row, d_mlp]
        var measured = u.T.matmul(written);                                                             // Cov(x, out), but for the number of rows
        var expected = u.T.matmul(u).matmul(neurons.Linear(neurons.Reads)).matmul(writes);
        var error = (Share((measured - expected).square().sum(dim: 0)) / Share(measured.square().sum(dim: 0)).clamp_min(double.Epsilon)).sqrt();
        return new MlpInteractions(SobolIndices.Of(Run, read, write, rows, generator), Explained(neurons.Linear(y)), Explained(neurons.Linear(y) + neurons.Quadratic(y)), ToArray(error));
    }

    private static double[] ToArray(Tensor values) => [.. values.cpu().data<double>()];
}
