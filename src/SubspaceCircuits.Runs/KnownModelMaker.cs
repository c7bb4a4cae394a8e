using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>A model that was made, and how well it computes its program in single precision.</summary>
/// <param name="Model">Folder of the model.</param>
/// <param name="Truth">Its truth.</param>
/// <param name="Program">Name of the program.</param>
/// <param name="Level">How it is disguised.</param>
/// <param name="Seed">Seed of the disguise.</param>
/// <param name="DModel">Width.</param>
/// <param name="NLayers">Layers.</param>
/// <param name="NHeads">Heads of a layer.</param>
/// <param name="DHead">Width of a head.</param>
/// <param name="DMlp">Neurons of a layer.</param>
/// <param name="Sequences">Sequences on which it was compared with the program.</param>
/// <param name="WrongOutputs">Positions where its outputs are wrong.</param>
/// <param name="BlockError">Greatest error of a variable at any site.</param>
public sealed record MadeModel(string Model, string Truth, string Program, DisguiseLevel Level, int Seed, int DModel, int NLayers, int NHeads, int DHead, int? DMlp, int Sequences, int WrongOutputs, double BlockError);

/// <summary>
/// Compiles programs into model folders: an ordinary model without its secrets, so that it can be given to anyone, and the truth in another folder.
/// </summary>
public static class KnownModelMaker
{
    private const int CheckedSequences = 500;

    /// <summary>Compiles, disguises, checks and writes a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="folder">Folder of the model.</param>
    /// <param name="level">How it is hidden.</param>
    /// <param name="seed">Seed of the disguise.</param>
    /// <param name="task">Task that gives the model's sequences; null for a program that is not in the catalogue, whose sequences only its author can draw.</param>
    /// <param name="truthFolder">Folder of the truth; null for one beside the model, named after it.</param>
    /// <param name="beta">Score of a selected key above another, logits; null for that of the level.</param>
    /// <exception cref="CheckpointException">There is a model in the folder already.</exception>
    public static MadeModel Make(KnownProgram program, string folder, DisguiseLevel level, int seed, ITask? task = null, string? truthFolder = null, double? beta = null)
    {
        var options = DisguiseLevels.CompilerOptions(level);
        options = options with { HasPad = true, Beta = beta ?? options.Beta };
        return Make(program, () => Compiler.Compile(program, options), options.Beta, folder, level, seed, task, truthFolder);
    }

    /// <summary>The same for a model that was not compiled but built by hand.</summary>
    /// <param name="program">What it computes.</param>
    /// <param name="build">Builds it.</param>
    /// <param name="beta">As its truth tells.</param>
    /// <param name="folder">Folder of the model.</param>
    /// <param name="level">How it is hidden.</param>
    /// <param name="seed">Seed of the disguise.</param>
    /// <param name="task">Task of its sequences.</param>
    /// <param name="truthFolder">Folder of the truth.</param>
    public static MadeModel Make(KnownProgram program, Func<ModelParts> build, double beta, string folder, DisguiseLevel level, int seed, ITask? task, string? truthFolder)
    {
        if (File.Exists(Path.Combine(folder, "config.json")))
            throw new CheckpointException(folder, "has a model already; name another folder");
        var truth = truthFolder ?? Path.TrimEndingDirectorySeparator(folder) + "-truth";
        using var scope = NewDisposeScope();
        var disguised = DisguiseLevels.Apply(build(), level, seed);
        using var known = disguised.Parts.Assemble($"{program.Id}-{level}-seed{seed}");
        using var single = known.Weights.To(ScalarType.Float32);
        var fit = ProgramCheck.Run(program, known with { Weights = single }, ProgramCheck.Samples(program, CheckedSequences, seed));
        ModelFolder.Write(folder, single);
        if (task is not null)
            TaskFiles.Write(folder, task);
        using (var written = ModelFolder.Read(folder))
            KnownModelFiles.Write(truth, known, program, new KnownModelOrigin(seed, beta, [.. disguised.Disguises.Select(one => $"{one.Disguise}, seed {one.Seed}")]), written.Sha256);
        var config = single.Config;
        return new MadeModel(folder, Path.Combine(truth, "truth.json"), program.Id, level, seed, config.DModel, config.NLayers, config.NHeads, config.DHead, config.DMlp, fit.Sequences, fit.WrongOutputs, fit.BlockError);
    }
}
