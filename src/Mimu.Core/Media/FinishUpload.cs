using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>
/// Makes a file of an upload whose bytes are stored, whoever stored them and noticed. Its room is its own for as long as it is asked for, also after its URL has expired: until
/// somebody has looked whether it was stored.
/// </summary>
public sealed class FinishUpload(IDatabase database, IBlobStore blobs, TimeProvider clock)
{
    /// <param name="key">The file.</param>
    /// <param name="sha256">What its bytes hash to, 32 bytes; null if nobody has looked.</param>
    /// <param name="cancellation">Gives up; a later look at the store finishes it.</param>
    /// <returns>Whether it is a file. If not, nobody waits for it any more: it was deleted or forgotten, and its bytes are erased.</returns>
    public async ValueTask<bool> RunAsync(FileKey key, byte[]? sha256, CancellationToken cancellation)
    {
        var isWanted = (await database.WriteAsync<bool>(async tx =>
        {
            if (await tx.Files.FindAsync(key) is not { State: not FileState.Removed })
            {
                return false;
            }
            if (!await tx.Files.FinishAsync(key, sha256) && sha256 is not null)
            {
                await tx.Files.NoteChecksumAsync(key, sha256);
            }
            return true;
        }, cancellation)).Value;
        if (!isWanted)
        {
            await blobs.EraseAsync(database, [key], clock, cancellation);
        }
        return isWanted;
    }

    /// <summary>Looks whether an upload was stored whose URL has expired: it is a file if so, and removed otherwise.</summary>
    internal async ValueTask SettleAsync(MediaFile overdue, CancellationToken cancellation)
    {
        if (await blobs.FindSizeAsync(overdue.Key, cancellation) == overdue.Size)
        {
            await RunAsync(overdue.Key, sha256: null, cancellation);
        }
        else
        {
            await database.RemoveFileAsync(overdue.Key, FileState.Requested, cancellation);
        }
    }
}
