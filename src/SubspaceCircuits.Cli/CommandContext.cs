using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Spectre.Console;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli;

/// <summary>What a command works with: its parsed options, cancellation, and where output goes (results to stdout, all else to stderr).</summary>
internal sealed class CommandContext
{
    private readonly ParseResult _parsed;

    private CommandContext(ParseResult parsed, CancellationToken cancellation) => (_parsed, Cancellation) = (parsed, cancellation);

    /// <summary>Cancelled by Ctrl-C and by SIGTERM.</summary>
    public CancellationToken Cancellation { get; }

    public int Seed => Get(CommonOptions.Seed);

    /// <summary>The command line as it was typed.</summary>
    public string CommandLine => "subspace " + string.Join(' ', _parsed.Tokens.Select(token => token.Value.Contains(' ', StringComparison.Ordinal) ? $"\"{token.Value}\"" : token.Value));

    public T Get<T>(Option<T> option) => _parsed.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => _parsed.GetValue(argument)!;

    /// <summary>Whether an option stands on the command line, as against having its default.</summary>
    public bool IsGiven(Option option) => _parsed.GetResult(option) is { Implicit: false };

    /// <summary>Threads to compute with.</summary>
    public int Threads => Get(CommonOptions.Threads) ?? Environment.ProcessorCount;

    /// <summary>Runs the body of a command: errors become one line and an exit status.</summary>
    public static int Run(ParseResult parsed, Action<CommandContext> body)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            // The second Ctrl-C ends the process at once.
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            var context = new CommandContext(parsed, stop.Token);
            context.RequireCommonOptions();
            body(context);
            return ExitStatus.Done;
        }
        catch (Exception failure)
        {
            var cause = failure is TypeInitializationException { InnerException: { } inner } ? inner : failure;
            Console.Error.WriteLine(OneLine(cause));
            if (parsed.GetValue(CommonOptions.Verbose))
                Console.Error.WriteLine(failure);
            return cause is CheckpointException or ArgumentException or FormatException or DirectoryNotFoundException or FileNotFoundException ? ExitStatus.Usage : ExitStatus.Failed;
        }
    }

    private void RequireCommonOptions()
    {
        if (Seed < 0)
            throw new ArgumentException($"--seed should be zero or more, but is {Seed}.");
        if (Get(CommonOptions.Threads) is < 1)
            throw new ArgumentException($"--threads should be at least 1, but is {Get(CommonOptions.Threads)}.");
    }

    /// <summary>Sets the threads; comes before anything that computes.</summary>
    public void UseThreads() => ComputeThreads.Use(Threads);

    /// <summary>Reads a model onto the CPU.</summary>
    public ModelOnDisk ReadModel(string path)
    {
        UseThreads();
        return ModelFolder.Read(path);
    }

    /// <summary>Weights on the device that was asked for; the same object on the CPU.</summary>
    /// <exception cref="ArgumentException">CUDA was asked for and is not there.</exception>
    public Weights OnDevice(Weights weights)
    {
        if (Get(CommonOptions.Device) == "cpu")
            return weights;
        if (!TorchSharp.torch.cuda.is_available())
            throw new ArgumentException($"There is no CUDA device: this libtorch sees none. Set {NativeLibraries.OverrideVariable} to the lib folder of a libtorch 2.10 built for CUDA; 'subspace doctor' shows what was loaded.");
        return weights.To(TorchSharp.torch.float32, TorchSharp.torch.CUDA);
    }

    /// <summary>The task that was asked for, or the one that the model's folder tells.</summary>
    public static ITask TaskOf(ModelOnDisk model, string? name) => FindTask(model, name)
        ?? throw new ArgumentException($"Nothing tells the task of '{model.Name}'. Pass --task with one of: {string.Join(", ", TaskRegistry.All.Select(task => task.Name))}.");

    /// <summary>The same, or null where nothing tells it.</summary>
    public static ITask? FindTask(ModelOnDisk model, string? name) => name is not null ? AllTasks.Find(name) : TaskFiles.Of(model.Folder, model.Name);

    /// <summary>Prints the result: JSON on request, else as people read it.</summary>
    public void Result<T>(T document, Action<IAnsiConsole> print)
    {
        if (Get(CommonOptions.Json))
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(document, Json.Indented));
            return;
        }

        // A file or a pipe has no width at which lines would have to be broken.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = short.MaxValue;
        print(AnsiConsole.Console);
    }

    /// <summary>A message beside the result.</summary>
    public static void Say(string message) => Console.Error.WriteLine(message);

    private static string OneLine(Exception failure) => failure switch
    {
        OperationCanceledException => "Stopped. What was finished is kept; the same command goes on from there.",
        ArgumentException { ParamName: { } name } => failure.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal).ReplaceLineEndings(" "),
        CheckpointException or ArgumentException or FormatException or IOException or UnauthorizedAccessException => failure.Message.ReplaceLineEndings(" "),
        _ => $"{failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")} (--verbose shows the trace)",
    };
}
