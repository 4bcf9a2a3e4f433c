using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>The end of files: first their blobs go, then what is known of them, so that nothing is left that nobody knows of.</summary>
internal static class Erasure
{
    /// <summary>Erases the blobs of files that are removed, and forgets the files.</summary>
    public static async ValueTask EraseAsync(this IBlobStore blobs, IDatabase database, IReadOnlyCollection<FileKey> keys, CancellationToken cancellation)
    {
        foreach (var key in keys)
        {
            await blobs.DeleteAsync(key, cancellation);
        }
        await database.WriteAsync<Done>(async tx =>
        {
            foreach (var key in keys)
            {
                await tx.Files.ForgetAsync(key);
            }
            return default(Done);
        }, cancellation);
    }
}
