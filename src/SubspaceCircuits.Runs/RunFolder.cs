using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Runs;

/// <summary>
/// A folder with everything one analysis used and found. Every file is written under a temporary name and renamed, so a kill at any
/// moment loses at most the stage under way.
/// </summary>
public sealed class RunFolder
{
    private RunFolder(string path, RunManifest manifest) => (Root, Manifest) = (path, manifest);

    /// <summary>Path of the folder.</summary>
    public string Root { get; }

    /// <summary>What <c>run.json</c> says.</summary>
    public RunManifest Manifest { get; private set; }

    /// <summary>Opens a run that is there.</summary>
    /// <exception cref="CheckpointException">The folder is not a run.</exception>
    public static RunFolder Open(string path)
    {
        if (!File.Exists(Path.Combine(path, "run.json")))
            throw new CheckpointException(path, "expected a run folder with a run.json, but found none. Make one with: subspace analyze MODEL --out RUN");
        var manifest = Json.Read<RunManifest>(Path.Combine(path, "run.json"));
        if (manifest.Schema != RunManifest.CurrentSchema)
            throw new CheckpointException(Path.Combine(path, "run.json"), $"expected schema '{RunManifest.CurrentSchema}', but found '{manifest.Schema}'");
        return new RunFolder(path, manifest);
    }

    /// <summary>
    /// Starts a run, or goes on with one that was stopped: the same model, settings and threads are then required, because stages that
    /// are done are not done again.
    /// </summary>
    /// <exception cref="CheckpointException">The folder holds another run, or something that is not a run.</exception>
    public static RunFolder CreateOrResume(string path, RunManifest manifest)
    {
        if (File.Exists(Path.Combine(path, "run.json")))
        {
            var found = Open(path);
            var (old, now) = (found.Manifest, manifest);
            var differs = old.Version != now.Version ? $"of another version ({old.Version})"
                : old.Model.Sha256 != now.Model.Sha256 ? "of another model"
                : old.Threads != now.Threads ? $"with another number of threads ({old.Threads})"
                : !Json.Same(old.Settings, now.Settings) ? $"with other settings ({string.Join(", ", old.Settings.DifferencesFrom(now.Settings))})" : null;
            return differs is null ? found : throw new CheckpointException(path, $"holds a run {differs}; give another folder with --out, or remove this one");
        }

        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new CheckpointException(path, "is not empty and not a run; give another folder with --out");
        try
        {
            var run = new RunFolder(path, manifest);
            run.Save();
            return run;
        }
        catch (Exception inner) when (inner is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, "cannot be written; give another folder with --out", inner);
        }
    }

    /// <summary>Path of a file in the folder.</summary>
    public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Checks that a model is the one the run was made with.</summary>
    /// <exception cref="CheckpointException">Its weights have another hash.</exception>
    public void RequireModel(Models.ModelOnDisk model)
    {
        if (model.Sha256 != Manifest.Model.Sha256)
            throw new CheckpointException(model.WeightsFile, $"has hash {model.Sha256[..12]}…, but {Root} was made with weights of hash {Manifest.Model.Sha256[..12]}…");
    }

    /// <summary>Whether a stage is done.</summary>
    public bool IsDone(string stage) => Manifest.Stages.Any(record => record.Name == stage && record.Status is StageStatus.Done);

    /// <summary>Does a stage unless it is done, and notes how long it took.</summary>
    public void Stage(string name, Action work)
    {
        if (IsDone(name))
            return;
        Again(name, work);
    }

    /// <summary>Does a stage even if it was done before.</summary>
    public void Again(string name, Action work)
    {
        Note(new StageRecord(name, StageStatus.Started, 0));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        work();
        Note(new StageRecord(name, StageStatus.Done, Math.Round(clock.Elapsed.TotalSeconds, 3)));
    }

    /// <summary>Drops a stage and its file: what they were made from has changed.</summary>
    public void Forget(string stage, string file)
    {
        Manifest = Manifest with { Stages = [.. Manifest.Stages.Where(record => record.Name != stage)] };
        Save();
        File.Delete(PathOf(file));
    }

    /// <summary>Seconds of all stages that are done.</summary>
    public double Seconds => Manifest.Stages.Sum(stage => stage.Seconds);

    private void Note(StageRecord record)
    {
        var others = Manifest.Stages.ToList();
        var index = others.FindIndex(stage => stage.Name == record.Name);
        if (index >= 0)
            others[index] = record;
        else
            others.Add(record);
        Manifest = Manifest with { Stages = others };
        Save();
    }

    private void Save() => Json.Write(Path.Combine(Root, "run.json"), Manifest);
}
