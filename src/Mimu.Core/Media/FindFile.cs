using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>A file, and how to fetch it.</summary>
/// <param name="File">What is known of it.</param>
/// <param name="Get">How to fetch it; null while it is not uploaded.</param>
public sealed record FoundFile(MediaFile File, PresignedRequest? Get);

/// <summary>Finds a file for whoever knows its key (protocol 8.3). An outside store tells nobody that an upload has ended, so who asks for a file looks there.</summary>
public sealed class FindFile(IDatabase database, IBlobStore blobs, FinishUpload finish, Presigner presigner, TimeProvider clock)
{
    /// <returns>The file; <c>not_found</c>, also of one that another has not uploaded yet.</returns>
    public async ValueTask<Result<FoundFile>> RunAsync(Caller caller, FileKey key, CancellationToken cancellation)
    {
        if (await database.ReadAsync(tx => tx.Files.FindAsync(key), cancellation) is not { State: not FileState.Removed } file)
        {
            return Errors.NotFound;
        }
        var isThere = file.State is FileState.Finished;
        if (!isThere && await blobs.FindSizeAsync(key, cancellation) == file.Size)
        {
            if (!await finish.RunAsync(key, sha256: null, cancellation))
            {
                return Errors.NotFound;
            }
            isThere = true;
        }
        return isThere ? new FoundFile(file, presigner.Download(key, clock.Now()))
            : file.Owner == caller.UserId ? new FoundFile(file, Get: null)
            : Errors.NotFound;
    }
}
