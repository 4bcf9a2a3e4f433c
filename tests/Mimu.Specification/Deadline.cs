namespace Mimu.Specification;

/// <summary>Waits that end, and that say what they waited for.</summary>
public static class Deadline
{
    /// <summary>Long enough for the slowest machine: whoever waits so long waits in vain.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    public static async Task Within(this Task task, string what)
    {
        try
        {
            await task.WaitAsync(_limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {_limit.TotalSeconds} s in vain for {what}.");
        }
    }

    public static async Task<T> Within<T>(this Task<T> task, string what)
    {
        await ((Task)task).Within(what);
        return await task;
    }

    /// <summary>Begins work that blocks its thread on one of its own: the pool's few are for those that it waits for.</summary>
    public static Task<T> AsideAsync<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    /// <summary>Holds this thread, as a closure over a transaction must, which may await nothing but its stores.</summary>
    public static void Hold(this Task task, string what)
    {
        if (!task.Wait(_limit))
        {
            throw new TimeoutException($"Held for {_limit.TotalSeconds} s in vain by {what}.");
        }
    }
}
