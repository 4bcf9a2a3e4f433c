using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>Deletes a file of one's own, or gives up an upload (protocol 8.3). From the commit on nobody can fetch it; its bytes go at once, or if the store is out of reach with the next clean-up.</summary>
public sealed class DeleteFile(IDatabase database, IBlobStore blobs, TimeProvider clock)
{
    /// <returns>Nothing; <c>not_found</c>, also of somebody else's.</returns>
    public async ValueTask<Result<Done>> RunAsync(Caller caller, FileKey key, CancellationToken cancellation)
    {
        var removed = await database.WriteAsync<Done>(async tx =>
        {
            if (await tx.Files.FindAsync(key) is not { State: not FileState.Removed } file || file.Owner != caller.UserId)
            {
                return Errors.NotFound;
            }
            await tx.Files.RemoveAsync(key);
            return default(Done);
        }, cancellation);
        if (removed.IsOk)
        {
            try
            {
                await blobs.EraseAsync(database, [key], clock, cancellation);
            }
            catch (Exception e) when (e is IOException or StorageFullException or StorageBusyException or StorageUnavailableException)
            {
                // It is removed, and stays so until a clean-up finds store and disk as they should be.
            }
        }
        return removed;
    }
}
