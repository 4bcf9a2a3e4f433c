using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>A file that somebody wants to upload (protocol 8.1).</summary>
/// <param name="Size">Bytes, at least one.</param>
/// <param name="ContentType">What it is to be called.</param>
/// <param name="Sha256">What it must hash to, 32 bytes; null if the client does not say.</param>
public sealed record RequestUploadCommand(long Size, string ContentType, byte[]? Sha256);

/// <summary>A file that may be uploaded, and how.</summary>
public sealed record RequestedUpload(MediaFile File, PresignedRequest Put);

/// <summary>
/// Lets somebody upload a file (protocol 8.1). From now on it counts against the quota: as a reservation until the URL expires, and as a file once it is one
/// (<see cref="FinishUpload"/>). As both happens in write transactions, of which there is one at a time, no number of requests at once gets past it.
/// </summary>
public sealed class RequestUpload(IDatabase database, IBlobStore blobs, Presigner presigner, MediaSettings settings, TimeProvider clock)
{
    /// <returns>Where to upload it; <c>payload_too_large</c>, <c>quota_exceeded</c> or <c>insufficient_storage</c>.</returns>
    public async ValueTask<Result<RequestedUpload>> RunAsync(Caller caller, RequestUploadCommand command, CancellationToken cancellation)
    {
        var now = clock.Now();
        var file = new MediaFile(FileKey.New(), caller.UserId, command.Size, command.ContentType, command.Sha256, FileState.Requested, now, presigner.UploadUntil(now));
        var hasRoom = await settings.HasRoomAsync(blobs, command.Size, cancellation);
        return await database.WriteAsync<RequestedUpload>(async tx =>
        {
            if (await tx.Sessions.FindAsync(caller.SessionId) is null)
            {
                return Errors.SessionEnded;
            }
            var allowance = await settings.AllowanceOfAsync(tx, caller.UserId);
            if (command.Size > allowance.MaxFile)
            {
                return Errors.PayloadTooLarge.Because($"A file of this account may have {allowance.MaxFile} bytes.");
            }
            if (command.Size > allowance.Quota - await tx.Files.SumCountedAsync(caller.UserId, now))
            {
                return Errors.QuotaExceeded;
            }
            if (!hasRoom)
            {
                return Errors.InsufficientStorage;
            }
            await tx.Files.AddAsync(file);
            return new RequestedUpload(file, presigner.Upload(file));
        }, cancellation);
    }
}
