using System.Collections.Concurrent;
using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>Goes through all finished files in the order of their keys, a slice of time at a time, so that whoever asked for it can tell how far it is, stop it, and go on.</summary>
internal static class FileWalk
{
    /// <summary>Files between two looks at the clock.</summary>
    private const int Batch = 16;

    /// <summary>So many at once: an outside store takes its time for each, and the server has other work too.</summary>
    private const int AtOnce = 4;

    /// <param name="database">The table.</param>
    /// <param name="step">Where to begin, and how long to go on.</param>
    /// <param name="clock">Measures the slice.</param>
    /// <param name="look">What to do with each.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What came of each, in the order of their keys, and the last key; null if there are no more.</returns>
    public static async ValueTask<(IReadOnlyList<T> Seen, FileKey? Next)> RunAsync<T>(
        IDatabase database, WalkStep step, TimeProvider clock, Func<MediaFile, CancellationToken, ValueTask<T>> look, CancellationToken cancellation)
    {
        var seen = new List<T>();
        var begun = clock.GetTimestamp();
        var after = step.After;
        do
        {
            var last = after;
            var files = await database.ReadAsync(async tx =>
            {
                var page = new List<MediaFile>();
                foreach (var key in await tx.Files.ListFinishedAsync(last, Batch))
                {
                    page.Add((await tx.Files.FindAsync(key))!);
                }
                return page;
            }, cancellation);
            var results = new ConcurrentDictionary<int, T>();
            await Parallel.ForEachAsync(Enumerable.Range(0, files.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
                async (i, stop) => results[i] = await look(files[i], stop));
            seen.AddRange(Enumerable.Range(0, files.Count).Select(i => results[i]));
            after = files.Count == Batch ? files[^1].Key : null;
        }
        while (after is not null && clock.GetElapsedTime(begun) < step.Slice);
        return (seen, after);
    }
}

/// <summary>A piece of a walk through all files.</summary>
/// <param name="After">The last key of the piece before; null for the first piece.</param>
/// <param name="Slice">How long to go on, at least until some files are done.</param>
public sealed record WalkStep(FileKey? After, TimeSpan Slice);
