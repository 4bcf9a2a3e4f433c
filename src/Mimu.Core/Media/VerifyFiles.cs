using System.Security.Cryptography;
using Mimu.Core.Storage;

namespace Mimu.Core.Media;

/// <summary>What a look at the bytes of some files has shown.</summary>
/// <param name="Right">Files that are as the table has them.</param>
/// <param name="RightBytes">Their bytes.</param>
/// <param name="Unknown">How many of them had no checksum in the table until now, so that only their size is known to be right.</param>
/// <param name="Lost">Files without bytes.</param>
/// <param name="Damaged">Files of another size, or that hash to something else.</param>
/// <param name="Next">Where to go on; null at the end.</param>
public sealed record VerifiedFiles(long Right, long RightBytes, long Unknown, IReadOnlyList<FileKey> Lost, IReadOnlyList<FileKey> Damaged, FileKey? Next);

/// <summary>
/// Reads all finished files and compares them with the table. It changes no file: of what is damaged this may be the only copy. A checksum that nobody knew is noted, for the next time.
/// </summary>
public sealed class VerifyFiles(IDatabase database, IBlobStore blobs, TimeProvider clock)
{
    /// <exception cref="IOException">The store is out of reach.</exception>
    public async ValueTask<VerifiedFiles> RunAsync(WalkStep step, CancellationToken cancellation)
    {
        var (seen, next) = await FileWalk.RunAsync(database, step, clock, async (file, stop) => (File: file, Fault: await FindFaultAsync(file, stop)), cancellation);
        var right = seen.Where(it => it.Fault is BlobFault.None).ToList();
        return new VerifiedFiles(right.Count, right.Sum(it => it.File.Size), right.Count(it => it.File.Sha256 is null), Keys(BlobFault.Lost), Keys(BlobFault.Damaged), next);

        IReadOnlyList<FileKey> Keys(BlobFault fault) => [.. seen.Where(it => it.Fault == fault).Select(it => it.File.Key)];
    }

    private async ValueTask<BlobFault> FindFaultAsync(MediaFile file, CancellationToken cancellation)
    {
        var (size, sha256) = await blobs.MeasureAsync(file.Key, cancellation);
        var fault = size is null ? BlobFault.Lost : size == file.Size && (file.Sha256 is null || file.Sha256.AsSpan().SequenceEqual(sha256)) ? BlobFault.None : BlobFault.Damaged;
        if (fault is BlobFault.None && file.Sha256 is null)
        {
            await database.WriteAsync<Done>(async tx =>
            {
                await tx.Files.NoteChecksumAsync(file.Key, sha256);
                return default(Done);
            }, cancellation);
        }
        // It may have been deleted while it was read.
        return fault is BlobFault.None || await database.ReadAsync(tx => tx.Files.FindAsync(file.Key), cancellation) is { State: FileState.Finished } ? fault : BlobFault.None;
    }

    private enum BlobFault
    {
        None,
        Lost,
        Damaged,
    }
}

/// <summary>What a blob is by its bytes.</summary>
internal static class BlobMeasure
{
    /// <summary>How many bytes a blob really has, and what they hash to; null and empty if there is none.</summary>
    public static async ValueTask<(long? Size, byte[] Sha256)> MeasureAsync(this IBlobStore blobs, FileKey key, CancellationToken cancellation)
    {
        if (await blobs.OpenAsync(key, cancellation) is not { } stream)
        {
            return (null, []);
        }
        await using (stream)
        {
            return (stream.Length, await SHA256.HashDataAsync(stream, cancellation));
        }
    }
}
