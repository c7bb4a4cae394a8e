namespace SubspaceCircuits.Backend;

/// <summary>Work that is shared out in a fixed way, so that what each thread does is the same in every run.</summary>
internal static class Parts
{
    /// <summary>Does pieces of work; thread t does t, t + threads, t + 2 threads and so on.</summary>
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

        try
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            {
                for (var i = thread; i < count; i += threads)
                    work(thread, i);
            });
        }
        catch (AggregateException exception) when (exception.InnerExceptions.OfType<OperationCanceledException>().FirstOrDefault() is { } cancelled)
        {
            throw new OperationCanceledException(cancelled.Message, exception, cancelled.CancellationToken);
        }
    }
}
