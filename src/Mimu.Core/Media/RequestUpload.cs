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
/// Lets somebody upload a file (protocol 8.1). From now on it counts against the quota: as a reservation, and as a file once it is one (<see cref="FinishUpload"/>). As both happens in
/// write transactions, of which there is one at a time, no number of requests at once gets past it. A reservation whose URL has expired makes way when its room is needed, unless a look
/// at the store shows that the file is there.
/// </summary>
public sealed class RequestUpload(IDatabase database, IBlobStore blobs, FinishUpload finish, Presigner presigner, MediaSettings settings, TimeProvider clock)
{
    /// <summary>Expired reservations that one request looks after.</summary>
    private const int Batch = 20;

    /// <returns>Where to upload it; <c>payload_too_large</c>, <c>quota_exceeded</c> or <c>insufficient_storage</c>.</returns>
    public async ValueTask<Result<RequestedUpload>> RunAsync(Caller caller, RequestUploadCommand command, CancellationToken cancellation)
    {
        var now = clock.Now();
        var file = new MediaFile(FileKey.New(), caller.UserId, command.Size, command.ContentType, command.Sha256, FileState.Requested, now, presigner.UploadUntil(now));
        var hasRoom = await settings.HasRoomAsync(blobs, command.Size, cancellation);
        var asked = await AskAsync(caller, file, hasRoom, cancellation);
        return asked.Error == Errors.QuotaExceeded && await SettleOverdueAsync(caller.UserId, now, cancellation) ? await AskAsync(caller, file, hasRoom, cancellation) : asked;
    }

    private ValueTask<Result<RequestedUpload>> AskAsync(Caller caller, MediaFile file, bool hasRoom, CancellationToken cancellation) =>
        database.WriteAsync<RequestedUpload>(async tx =>
        {
            if (await tx.Sessions.FindAsync(caller.SessionId) is null)
            {
                return Errors.SessionEnded;
            }
            var allowance = await settings.AllowanceOfAsync(tx, caller.UserId);
            if (file.Size > allowance.MaxFile)
            {
                return Errors.PayloadTooLarge.Because($"A file of this account may have {allowance.MaxFile} bytes.");
            }
            var revoked = blobs.IsOutside ? await tx.Files.SumRevokedAsync(caller.UserId, file.CreatedAt) : 0;
            if (file.Size > allowance.Quota - revoked - await tx.Files.SumCountedAsync(caller.UserId))
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

    /// <returns>Whether there were any.</returns>
    private async ValueTask<bool> SettleOverdueAsync(UserId owner, DateTimeOffset now, CancellationToken cancellation)
    {
        var overdue = await database.ReadAsync(tx => tx.Files.ListOverdueOfAsync(owner, now, Batch), cancellation);
        foreach (var file in overdue)
        {
            await finish.SettleAsync(file, cancellation);
        }
        return overdue.Count > 0;
    }
}
