using System.Diagnostics;

namespace Mimu.Smoke;

/// <summary>Waits that end, and say what they waited for when it does not come.</summary>
internal static class Deadline
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>For what tells nobody when it happens: looks again and again.</summary>
    public static async Task Until(string what, Func<Task<bool>> isSo, TimeSpan? limit = null)
    {
        var patience = limit ?? _patience;
        var watch = Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(watch.Elapsed < patience, $"Waited {patience.TotalSeconds} s for {what}.");
            await Task.Yield();
        }
    }
}
