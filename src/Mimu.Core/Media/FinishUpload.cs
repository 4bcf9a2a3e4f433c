using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>What became of an upload whose bytes are stored.</summary>
public enum UploadOutcome
{
    /// <summary>It is a file.</summary>
    Finished,

    /// <summary>Nobody waits for it any more: it was deleted or forgotten. The bytes are erased.</summary>
    Gone,

    /// <summary>Its reservation has expired, and others have taken the room. The bytes are erased.</summary>
    OverQuota,
}

/// <summary>
/// Makes a file of an upload whose bytes are stored, whoever stored them and noticed. An upload that began in time may end after its URL has expired, when its
/// reservation counts no longer: then it must fit beside all that counts now, so that an account is over its quota at no moment.
/// </summary>
public sealed class FinishUpload(IDatabase database, IBlobStore blobs, MediaSettings settings, TimeProvider clock)
{
    /// <param name="key">The file.</param>
    /// <param name="sha256">What its bytes hash to, 32 bytes; null if nobody has looked.</param>
    /// <param name="cancellation">Gives up; a later look at the store finishes it.</param>
    public async ValueTask<UploadOutcome> RunAsync(FileKey key, byte[]? sha256, CancellationToken cancellation)
    {
        var outcome = (await database.WriteAsync<UploadOutcome>(async tx =>
        {
            // Not before it is this one's turn: others may have been counted meanwhile.
            var now = clock.Now();
            if (await tx.Files.FindAsync(key) is not { State: not FileState.Removed } file)
            {
                return UploadOutcome.Gone;
            }
            if (file.State is FileState.Requested && file.UploadUntil < now
                && file.Size > (await settings.AllowanceOfAsync(tx, file.Owner)).Quota - await tx.Files.SumCountedAsync(file.Owner, now))
            {
                await tx.Files.RemoveAsync(key);
                return UploadOutcome.OverQuota;
            }
            await tx.Files.FinishAsync(key, sha256);
            return UploadOutcome.Finished;
        }, cancellation)).Value;
        if (outcome is not UploadOutcome.Finished)
        {
            await blobs.EraseAsync(database, [key], cancellation);
        }
        return outcome;
    }
}
