using System.Diagnostics;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>Waits that end, and say what they waited for when it does not come.</summary>
internal static class Deadline
{
    /// <summary>Long for a machine that has other things to do, short for a person who waits for the tests.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(20);

    public static async Task<T> For<T>(string what, Task<T> task, TimeSpan? limit = null)
    {
        await For(what, (Task)task, limit);
        return await task;
    }

    public static async Task For(string what, Task task, TimeSpan? limit = null)
    {
        var patience = limit ?? Usual;
        try
        {
            await task.WaitAsync(patience);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail($"Waited {patience.TotalSeconds} s for {what}.");
        }
    }

    /// <summary>For what tells nobody when it happens: looks again and again.</summary>
    public static async Task Until(string what, Func<bool> isSo, TimeSpan? limit = null)
    {
        var patience = limit ?? Usual;
        var watch = Stopwatch.StartNew();
        while (!isSo())
        {
            if (watch.Elapsed > patience)
            {
                Assert.Fail($"Waited {patience.TotalSeconds} s for {what}.");
            }
            await Task.Yield();
        }
    }
}
