namespace Mimu.Core.Media;

/// <summary>The table of files: which there are, whose they are and how far they are. Where their bytes lie is another matter (<see cref="IBlobStore"/>).</summary>
public interface IFileStore
{
    /// <summary>Adds a file that is to be uploaded. Its key must be new.</summary>
    ValueTask AddAsync(MediaFile file);

    /// <summary>A file, however far it is; null if there is none.</summary>
    ValueTask<MediaFile?> FindAsync(FileKey key);

    /// <summary>The bytes of somebody's finished files.</summary>
    ValueTask<long> SumFinishedAsync(UserId owner);

    /// <summary>What counts against somebody's quota: finished files and requested ones.</summary>
    ValueTask<long> SumCountedAsync(UserId owner);

    /// <summary>The bytes of somebody's removed files whose upload's URL has not expired yet.</summary>
    ValueTask<long> SumRevokedAsync(UserId owner, DateTimeOffset now);

    /// <summary>How many files there are, and how large they are together.</summary>
    ValueTask<FileCounts> CountAsync();

    /// <summary>How many finished files were asked for before a moment.</summary>
    ValueTask<long> CountOlderAsync(DateTimeOffset before);

    /// <summary>Makes a requested file a finished one; false if it is not requested.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="sha256">What it hashes to; null to keep what was asked for.</param>
    ValueTask<bool> FinishAsync(FileKey key, byte[]? sha256);

    /// <summary>Notes what a finished file hashes to, 32 bytes, if nobody knew.</summary>
    ValueTask NoteChecksumAsync(FileKey key, byte[] sha256);

    /// <summary>Makes a file one that is removed; false if there is none that is not.</summary>
    ValueTask<bool> RemoveAsync(FileKey key);

    /// <summary>Removes all of somebody's files.</summary>
    /// <returns>How many.</returns>
    ValueTask<int> RemoveAllAsync(UserId owner);

    /// <summary>Removes finished files that were asked for before a moment, the oldest first.</summary>
    /// <returns>How many, at most <paramref name="limit"/>.</returns>
    ValueTask<int> RemoveOlderAsync(DateTimeOffset before, int limit);

    /// <summary>Requested files whose URL expired before a moment, in order of their keys.</summary>
    /// <param name="before">The moment.</param>
    /// <param name="after">Those whose keys come after this one; null for the first.</param>
    /// <param name="limit">At most so many.</param>
    ValueTask<IReadOnlyList<MediaFile>> ListOverdueAsync(DateTimeOffset before, FileKey? after, int limit);

    /// <summary>The same of one owner, the first to expire first.</summary>
    ValueTask<IReadOnlyList<MediaFile>> ListOverdueOfAsync(UserId owner, DateTimeOffset before, int limit);

    /// <summary>Finished files in order of their keys, as <see cref="ListOverdueAsync"/>.</summary>
    ValueTask<IReadOnlyList<FileKey>> ListFinishedAsync(FileKey? after, int limit);

    /// <summary>
    /// Removed files whose bytes are to be erased, or erased again now that their URL has expired, in order of their keys, as <see cref="ListOverdueAsync"/>.
    /// </summary>
    ValueTask<IReadOnlyList<FileKey>> ListRemovedAsync(DateTimeOffset now, FileKey? after, int limit);

    /// <summary>The blob of a removed file is erased: the file is forgotten if its upload's URL has expired by then, and otherwise noted as erased. False if it is not a removed one.</summary>
    ValueTask<bool> ErasedAsync(FileKey key, DateTimeOffset now);
}

/// <summary>How many files there are, and how many bytes they have together.</summary>
public sealed record FileCounts(long Finished, long FinishedBytes, long Requested, long RequestedBytes, long Removed, long RemovedBytes)
{
    /// <summary>How many accounts have finished files.</summary>
    public required long Owners { get; init; }
}
