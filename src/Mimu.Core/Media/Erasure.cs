using System.Runtime.ExceptionServices;
using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>The end of files: first their blobs go, then what is known of them, so that nothing is left that nobody knows of.</summary>
internal static class Erasure
{
    /// <summary>So many failures in a row are the store's and not those of single files.</summary>
    private const int Patience = 3;

    /// <summary>Removes a file if it is still what it was; to erase it is another's work.</summary>
    public static async ValueTask<bool> RemoveFileAsync(this IDatabase database, FileKey key, FileState state, CancellationToken cancellation) =>
        (await database.WriteAsync<bool>(async tx => await tx.Files.FindAsync(key) is { } file && file.State == state && await tx.Files.RemoveAsync(key), cancellation)).Value;

    /// <summary>Erases the blobs of files that are removed, and forgets the files. One that can't be erased stops no other.</summary>
    /// <returns>How many were erased.</returns>
    /// <exception cref="IOException">Of the first that could not be erased; those that could are.</exception>
    public static async ValueTask<int> EraseAsync(this IBlobStore blobs, IDatabase database, IReadOnlyCollection<FileKey> keys, TimeProvider clock, CancellationToken cancellation)
    {
        var erased = new List<FileKey>();
        IOException? failure = null;
        var failedInARow = 0;
        foreach (var key in keys)
        {
            try
            {
                await blobs.DeleteAsync(key, cancellation);
                erased.Add(key);
                failedInARow = 0;
            }
            catch (IOException e)
            {
                failure ??= e;
                if (++failedInARow == Patience)
                {
                    break;
                }
            }
        }
        if (erased.Count > 0)
        {
            await database.WriteAsync<Done>(async tx =>
            {
                var now = clock.Now();
                foreach (var key in erased)
                {
                    await tx.Files.ErasedAsync(key, now);
                }
                return default(Done);
            }, cancellation);
        }
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
        return erased.Count;
    }
}
