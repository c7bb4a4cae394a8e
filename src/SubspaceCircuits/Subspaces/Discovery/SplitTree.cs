using SubspaceCircuits.Subspaces.Discovery.Proposals;

namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>A tree of tried cuts and the rotation whose columns it cuts. Owns the rotation and disposes it.</summary>
/// <param name="Rotation">Columns are the basis, grouped by the leaves of the tree. [d, d], float32</param>
/// <param name="Root">The tree.</param>
public sealed record SplitTree(Tensor Rotation, SplitNode Root) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Rotation.Dispose();
}

/// <summary>Cuts a group of directions in two, and the parts again, as long as the parts tell little about each other. What becomes of the cuts is decided elsewhere.</summary>
internal sealed class SplitSearch(DiscoverySettings settings, Generator generator, IProgress<SplitNode>? progress, CancellationToken cancellation)
{
    /// <summary>A cut whose parts share less than this many times the most is worth refining before it is judged.</summary>
    private const double DoubtfulFactor = 2;

    /// <summary>Grows the tree.</summary>
    /// <param name="rows">Whitened coordinates. [row, d], float32</param>
    /// <param name="scale">Factor that whitened each direction. [d]</param>
    public SplitTree Grow(Tensor rows, Tensor scale)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (root, rotation) = GrowStructured(new SplitGroup(rows, diag(scale.square().reciprocal())));
        return new SplitTree(rotation.DetachFromDisposeScope(), root);
    }

    /// <summary>Sets directions without structure apart, then cuts the others.</summary>
    private (SplitNode Node, Tensor Rotation) GrowStructured(SplitGroup group)
    {
        var size = group.Width;
        var (basis, count) = StructuredDirections.Of(group.Rows, settings.LeastStructure, generator, cancellation);
        if (count == size)
            return Grow(group, 0);
        if (count == 0)
            return (new SplitNode(0, size, [], []) { IsLoose = true }, eye(size));
        var tried = Measured("structure", group.Rows, new SplitProposal(basis, count, null));
        if (tried.Dependence.Share >= settings.Decision.LeastDependence)
            return Grow(group, 0);
        var (structured, rotation) = Grow(Part(group, basis.narrow(1, 0, count)), 0);
        var loose = new SplitNode(count, size - count, [], []) { IsLoose = true };
        var root = new SplitNode(0, size, [tried], [structured, loose]);
        progress?.Report(root);
        return (root, basis.matmul(block_diag(rotation, eye(size - count))));
    }

    private (SplitNode Node, Tensor Rotation) Grow(SplitGroup group, int start)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var size = group.Width;
        // A part that cannot be cut is still probed: how well it holds together is what a cut above it is compared with.
        var least = size >= 2 * settings.LeastDimensions ? settings.LeastDimensions : 1;
        var (tried, best) = size < 2 ? ([], null) : Try(group, least);
        var node = new SplitNode(start, size, tried, []);
        var rotation = eye(size);
        if (best is not null && least == settings.LeastDimensions && node.Best!.Dependence.Share < settings.Decision.MostDependence)
        {
            var (first, firstRotation) = Grow(Part(group, best.Basis.narrow(1, 0, best.Size)), start);
            var (second, secondRotation) = Grow(Part(group, best.Basis.narrow(1, best.Size, size - best.Size)), start + best.Size);
            node = node with { Children = [first, second] };
            rotation = best.Basis.matmul(block_diag(firstRotation, secondRotation));
        }

        progress?.Report(node);
        return (node, rotation.MoveToOuterDisposeScope());
    }

    private (List<TriedSplit> Tried, SplitProposal? Best) Try(SplitGroup group, int least)
    {
        List<TriedSplit> tried = [];
        SplitProposal? best = null;
        var bestShare = double.PositiveInfinity;
        foreach (var source in settings.Proposals)
        {
            foreach (var proposal in source.Propose(group, least, generator, cancellation))
            {
                tried.Add(Measured(source.Name, group.Rows, proposal));
                if (tried[^1].Dependence.Share < bestShare)
                    (best, bestShare) = (proposal, tried[^1].Dependence.Share);
                if (bestShare < settings.Decision.LeastDependence)
                    return (tried, best);
            }
        }

        if (best is not null && bestShare < DoubtfulFactor * settings.Decision.MostDependence && settings.Refinement is { } refinement)
        {
            var (refined, proposal) = Refined(group, best, refinement);
            tried.Add(refined);
            best = refined.Dependence.Share < bestShare ? proposal : best;
        }

        return (tried, best);
    }

    /// <summary>
    /// The best cut, turned to where it fits activations as they are: dependent variables may lie in orthogonal subspaces there that whitening tilts, and a tilt
    /// looks like more dependence.
    /// </summary>
    private (TriedSplit Tried, SplitProposal Proposal) Refined(SplitGroup group, SplitProposal best, IPartitionRefinement refinement)
    {
        using var scope = NewDisposeScope();
        var root = group.Root();
        var raw = group.Rows.matmul(root);
        var rotation = refinement.Refine(raw, Rotation.Nearest(root.matmul(best.Basis)), [best.Size, group.Width - best.Size], generator, cancellation);
        var tried = Measured("refined", raw, new SplitProposal(rotation, best.Size, null));
        return (tried, new SplitProposal(Rotation.Nearest(root.matmul(rotation)).MoveToOuterDisposeScope(), best.Size, null));
    }

    private static SplitGroup Part(SplitGroup group, Tensor basis) => new(group.Rows.matmul(basis), basis.T.matmul(group.Metric).matmul(basis));

    private TriedSplit Measured(string name, Tensor rows, SplitProposal proposal)
    {
        using var scope = NewDisposeScope();
        var turned = rows.matmul(proposal.Basis);
        var rest = (int)rows.shape[1] - proposal.Size;
        var dependence = settings.Dependence.Of(turned.narrow(1, 0, proposal.Size), turned.narrow(1, proposal.Size, rest), generator);
        return new TriedSplit(name, (proposal.Size, rest), proposal.Residual, dependence);
    }
}
