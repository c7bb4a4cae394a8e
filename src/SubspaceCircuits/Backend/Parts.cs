namespace SubspaceCircuits.Backend;

/// <summary>
/// Work that is shared out piece by piece to whichever thread is free. What comes out is the same in every run when a piece writes where no other
/// does, or adds integers.
/// </summary>
internal static class Parts
{
    /// <summary>Does pieces of work, the first ones first.</summary>
    /// <param name="threads">At least 1; with 1 everything happens on the caller's thread.</param>
    /// <param name="count">Pieces.</param>
    /// <param name="work">Given the thread and the piece.</param>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public static void Each(int threads, int count, Action<int, int> work)
    {
        if (threads == 1 || count < 2)
        {
            for (var i = 0; i < count; i++)
                work(0, i);
            return;
        }

        var next = -1;
        try
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            {
                for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
                    work(thread, i);
            });
        }
        catch (AggregateException exception) when (exception.InnerExceptions.OfType<OperationCanceledException>().FirstOrDefault() is { } cancelled)
        {
            throw new OperationCanceledException(cancelled.Message, exception, cancelled.CancellationToken);
        }
    }
}
