using System.Diagnostics;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary>
/// Progress on stderr: on a terminal one line that is rewritten, with a bar, rate and time left; else a plain line at every new stage
/// and every ten seconds.
/// </summary>
internal sealed class ProgressDisplay : IProgress<AnalysisProgress>, IDisposable
{
    private const int BarWidth = 24;
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _stage = new();
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private string _name = "";

    public void Report(AnalysisProgress value)
    {
        var isNew = value.Stage != _name;
        if (isNew)
        {
            EndLine();
            _name = value.Stage;
            _stage.Restart();
        }

        if (!isNew && _sinceShown.Elapsed.TotalSeconds < (_isTerminal ? 0.1 : 10) && value.Done < value.Total)
            return;
        if (!_isTerminal && !isNew && value.Done == value.Total && _sinceShown.Elapsed.TotalSeconds < 1)
            return;
        _sinceShown.Restart();
        if (_isTerminal)
            Console.Error.Write($"\r{Line(value),-100}");
        else
            Console.Error.WriteLine(Line(value));
    }

    public void Dispose() => EndLine();

    private void EndLine()
    {
        if (_isTerminal && _name.Length > 0)
            Console.Error.WriteLine();
    }

    private string Line(AnalysisProgress value)
    {
        if (value.Total == 0)
            return $"{value.Stage,-18} {value.Note}";
        var share = Math.Min(1, value.Done / (double)value.Total);
        var rate = value.Done / Math.Max(_stage.Elapsed.TotalSeconds, 1e-3);
        var filled = (int)(share * BarWidth);
        var left = rate > 0 && value.Done > 0 ? $"{(value.Total - value.Done) / rate:0} s left" : "";
        return $"{value.Stage,-18} [{new string('#', filled)}{new string('-', BarWidth - filled)}] {share,4:0%} {rate,6:0.#}/s {left,10}  {value.Note}";
    }
}
