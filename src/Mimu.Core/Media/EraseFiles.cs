using System.Runtime.ExceptionServices;
using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>Erases files that are removed: deleted ones whose bytes could not go at once, those of deleted accounts, and what is older than the settings keep.</summary>
public sealed class EraseFiles(IDatabase database, IBlobStore blobs, MediaSettings settings, TimeProvider clock)
{
    /// <summary>Rows of one piece of work, so that writers wait for no more than these.</summary>
    private const int Batch = 200;

    /// <summary>How many files would go.</summary>
    public ValueTask<long> CountAsync(CancellationToken cancellation) => database.ReadAsync(
        async tx => (await tx.Files.CountAsync()).Removed + (settings.Retention is { } age ? await tx.Files.CountOlderAsync(clock.Now() - age) : 0), cancellation);

    /// <returns>How many files went.</returns>
    /// <exception cref="IOException">Some could not be erased, or the store is out of reach; those are still to be erased.</exception>
    public async ValueTask<int> RunAsync(CancellationToken cancellation)
    {
        if (settings.Retention is { } age)
        {
            var before = clock.Now() - age;
            while ((await database.WriteAsync<int>(async tx => await tx.Files.RemoveOlderAsync(before, Batch), cancellation)).Value == Batch)
            {
            }
        }
        var (erased, now) = (0, clock.Now());
        FileKey? after = null;
        IOException? failure = null;
        IReadOnlyList<FileKey> page;
        do
        {
            page = await database.ReadAsync(tx => tx.Files.ListRemovedAsync(now, after, Batch), cancellation);
            if (page.Count > 0)
            {
                after = page[^1];
                try
                {
                    erased += await blobs.EraseAsync(database, page, clock, cancellation);
                }
                catch (IOException e) when (e is not BlobStoreException)
                {
                    failure ??= e;
                }
            }
        }
        while (page.Count == Batch);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
        return erased;
    }
}
