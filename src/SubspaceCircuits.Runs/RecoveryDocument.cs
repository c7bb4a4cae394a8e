using SubspaceCircuits.Circuits;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.Scores;
using SubspaceCircuits.Subspaces;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>Subspaces of a site beside the true ones.</summary>
public sealed record SiteRecoveryDocument(string Site, SubspaceRecoveryScores Variables, SubspaceRecoveryScores Groups);

/// <summary>A circuit beside the true one, at all levels.</summary>
/// <param name="Name">found, or random: of random subspaces of the same sizes, chosen alike.</param>
/// <param name="Levels">The levels.</param>
public sealed record CircuitRecoveryDocument(string Name, IReadOnlyList<LevelScores> Levels);

/// <summary>What <c>score</c> says about a run.</summary>
/// <param name="Schema">subspace-circuits/recovery/1.</param>
/// <param name="Run">The run folder.</param>
/// <param name="Truth">What the truth is of.</param>
/// <param name="Sites">Subspaces, site by site.</param>
/// <param name="Circuits">The circuit of the run, and that of random subspaces; empty for a run without a circuit.</param>
public sealed record RecoveryDocument(string Schema, string Run, string Truth, IReadOnlyList<SiteRecoveryDocument> Sites, IReadOnlyList<CircuitRecoveryDocument> Circuits);

/// <summary>Scores a run against the truth about its model.</summary>
public static class RunRecovery
{
    /// <summary>Scores partitions and, where there is one, the circuit.</summary>
    /// <param name="run">The run.</param>
    /// <param name="model">Its model.</param>
    /// <param name="truthPath"><c>truth.json</c>.</param>
    /// <param name="seed">Seed of the random controls.</param>
    /// <exception cref="Checkpoints.CheckpointException">The truth is of another model, or a file is damaged.</exception>
    public static RecoveryDocument Of(RunFolder run, Models.ModelOnDisk model, string truthPath, int seed)
    {
        using var scope = NewDisposeScope();
        var (known, document) = KnownModelFiles.Read(truthPath, model.Weights);
        if (document.Model!.Sha256 != model.Sha256)
            throw new Checkpoints.CheckpointException(truthPath, $"is about a model whose weights have the hash {document.Model.Sha256[..12]}…, but those of this run have {model.Sha256[..12]}…");
        using var tensors = Checkpoints.Safetensors.Read(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(truthPath))!, "truth.safetensors"));
        var active = document.Variables.Where(variable => variable.Writing!.ActiveBasis is not null)
            .ToDictionary(variable => variable.Id, variable => tensors.Take(variable.Writing!.ActiveBasis!, document.DModel, variable.Writing.ActiveDims));
        var partitions = PartitionFiles.ReadAll(run.PathOf("partitions"));
        var found = new FoundSubspaces(known, partitions, variable => active.GetValueOrDefault(variable.Id), site => document.DependenceAt?[site.ToString()].IdentifiabilityGroups ?? [], seed);
        var sites = found.Sites.Select(site => new SiteRecoveryDocument(site.Site.ToString(), site.Variables, site.Groups)).ToArray();
        CircuitRecoveryDocument[] circuits = run.IsDone("circuit") ? [.. Circuits()] : [];
        foreach (var partition in partitions)
            partition.Dispose();
        return new RecoveryDocument("subspace-circuits/recovery/1", run.Root, document.Id, sites, circuits);

        IEnumerable<CircuitRecoveryDocument> Circuits()
        {
            var (circuit, settings) = CircuitFiles.Read(run.PathOf("circuit.json"));
            using var subspaces = new KnownSubspaces(known);
            var truth = subspaces.Named(subspaces.Truth(CircuitBuilder.Candidates(new PartitionedModel(known.Weights, subspaces.Partitions))));
            yield return new CircuitRecoveryDocument("found", new CircuitRecovery(known, truth, found.Named(circuit)).All());

            using var generator = new Generator((ulong)seed);
            Partition[] random = [.. partitions.Select(partition => new Partition(partition.Site, Rotation.Random((int)partition.R.shape[0], generator, partition.R.dtype), partition.Sizes, partition.Mean.clone(), partition.Covariance.clone()))];
            var control = new FoundSubspaces(known, random, variable => active.GetValueOrDefault(variable.Id), _ => [], seed);
            var chosen = CircuitSelection.ByCoverage(CircuitBuilder.Candidates(new PartitionedModel(known.Weights, random)), settings.Coverage);
            yield return new CircuitRecoveryDocument("random", new CircuitRecovery(known, truth, control.Named(chosen)).All());
            foreach (var partition in random)
                partition.Dispose();
        }
    }
}
