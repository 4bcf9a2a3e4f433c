using Mimu.Appliance.Configuration;
using Mimu.Appliance.Http;
using Mimu.Appliance.Media;
using Mimu.Core;
using Mimu.Core.Media;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Admin;

/// <summary>What an administrator can ask for about files (protocol section 15).</summary>
internal sealed class MediaVerbs(Backend backend, MimuOptions options, TimeProvider clock)
{
    private readonly MediaSettings _settings = MediaParts.SettingsOf(options, clock);

    /// <summary>By path.</summary>
    public IEnumerable<KeyValuePair<string, AdminVerb>> All =>
    [
        new("/media/stats", AdminVerbs.Verb(_ => default(Done), (_, cancellation) => Guarded(() => CountAsync(cancellation)), body => body, MimuJson.Default.FileStatsBody)),
        new("/media/gc", AdminVerbs.Verb(fields => (IsTrial: fields.OptionalFlag("dry_run"), IsForced: fields.OptionalFlag("force")), (it, cancellation) => Guarded(() => CleanUpAsync(it.IsTrial, it.IsForced, cancellation)), body => body, MimuJson.Default.CleanUpBody)),
        new("/media/verify", AdminVerbs.Verb(FileWork.Step, (step, cancellation) => Guarded(() => VerifyAsync(step, cancellation)), VerifiedBody.From, MimuJson.Default.VerifiedBody)),
        new("/media/migrate", AdminVerbs.Verb(FileWork.Migration, (it, cancellation) => Guarded(() => MigrateAsync(it.To, it.Step, cancellation)), MigratedBody.From, MimuJson.Default.MigratedBody)),
    ];

    private async ValueTask<Result<FileStatsBody>> CountAsync(CancellationToken cancellation)
    {
        var counts = await backend.Database.ReadAsync(tx => tx.Files.CountAsync(), cancellation);
        var isDisk = backend.Kept is MediaBackend.Disk;
        return new FileStatsBody(
            isDisk ? "disk" : "s3", isDisk ? Path.GetFullPath(options.MediaPath) : $"{options.Media.S3.Endpoint.TrimEnd('/')}/{options.Media.Bucket}",
            counts.Finished, counts.FinishedBytes, counts.Owners, counts.Requested, counts.RequestedBytes, counts.Removed, counts.RemovedBytes,
            await backend.Blobs.FindFreeAsync(cancellation));
    }

    private async ValueTask<Result<CleanUpBody>> CleanUpAsync(bool isTrial, bool isForced, CancellationToken cancellation)
    {
        var (erase, settle) = (new EraseFiles(backend.Database, backend.Blobs, _settings, clock), new SettleFiles(backend.Database, backend.Blobs, Finish, clock));
        var settled = await settle.RunAsync(isTrial, isForced, cancellation);
        var erased = isTrial ? await erase.CountAsync(cancellation) : await erase.RunAsync(cancellation);
        return new CleanUpBody(isTrial, erased, settled.Finished, settled.Forgotten, settled.Lost, settled.Stray, settled.IsRefused);
    }

    private async ValueTask<Result<VerifiedFiles>> VerifyAsync(WalkStep step, CancellationToken cancellation) =>
        await new VerifyFiles(backend.Database, backend.Blobs, clock).RunAsync(step, cancellation);

    private async ValueTask<Result<MigratedFiles>> MigrateAsync(MediaBackend to, WalkStep step, CancellationToken cancellation)
    {
        if (to == backend.Kept)
        {
            return new ValidationFailed([new Fault("to", "is where files are kept already: media.backend says so")]);
        }
        return backend.FindBlobs(to) is { } target
            ? await new MigrateFiles(backend.Database, backend.Blobs, target, Finish, clock).RunAsync(step, cancellation)
            : new ValidationFailed([new Fault("to", "needs media.s3.endpoint, media.s3.access_key and media.s3.secret_key; a running server reads them when it starts")]);
    }

    private FinishUpload Finish => new(backend.Database, backend.Blobs, clock);

    private static async ValueTask<Result<T>> Guarded<T>(Func<ValueTask<Result<T>>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is IOException or StorageRefusedException)
        {
            return Errors.Unavailable.Because(e.Message);
        }
    }
}
