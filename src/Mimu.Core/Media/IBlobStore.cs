namespace Mimu.Core.Media;

/// <summary>
/// Where the bytes of files lie. It knows nothing of owners, quotas or types, which are the table's (<see cref="IFileStore"/>): a row is there before its blob is, and goes after it.
/// A blob appears whole or not at all, is written once, and never changes.
/// </summary>
/// <remarks>All throw <see cref="IOException"/> when the store does not do what it is asked, and <see cref="BlobStoreException"/> of it when that is not about one file.</remarks>
public interface IBlobStore
{
    /// <summary>Whether URLs of uploads are good for as long as they say, since the store does not know what has become of their files.</summary>
    bool IsOutside { get; }

    /// <summary>How many bytes a blob has; null if there is none.</summary>
    ValueTask<long?> FindSizeAsync(FileKey key, CancellationToken cancellation);

    /// <summary>Erases a blob, also while it is being read; false if there was none.</summary>
    ValueTask<bool> DeleteAsync(FileKey key, CancellationToken cancellation);

    /// <summary>The keys of all blobs in ordinal order, as far as they were there at the beginning. What is not named by a key is left out.</summary>
    IAsyncEnumerable<FileKey> ListAsync(CancellationToken cancellation);

    /// <summary>A blob to read, which can seek and goes on also when it is deleted meanwhile; null if there is none. The caller disposes of it.</summary>
    ValueTask<Stream?> OpenAsync(FileKey key, CancellationToken cancellation);

    /// <summary>Stores what a stream has, synced, without holding it in memory. Of several at once with the same key one wins.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="content">Its bytes, from where the stream stands to its end. Whatever it throws comes through, and nothing is stored.</param>
    /// <param name="size">How many bytes it must have.</param>
    /// <param name="sha256">What its SHA-256 must be, 32 bytes; null if that is not known.</param>
    /// <param name="cancellation">Gives up; nothing is stored.</param>
    ValueTask<BlobReceipt> StoreAsync(FileKey key, Stream content, long size, byte[]? sha256, CancellationToken cancellation);

    /// <summary>How many bytes can still be stored; null where nobody can say.</summary>
    ValueTask<long?> FindFreeAsync(CancellationToken cancellation);
}

/// <summary>What became of bytes that were to be stored.</summary>
/// <param name="Outcome">Whether they are.</param>
/// <param name="Sha256">What they hash to, 32 bytes; empty unless they are stored.</param>
public readonly record struct BlobReceipt(BlobOutcome Outcome, byte[] Sha256);

/// <summary>Whether bytes were stored.</summary>
public enum BlobOutcome
{
    /// <summary>They are, and a power cut does not change that.</summary>
    Stored,

    /// <summary>There is a blob of this name already, and stays.</summary>
    Exists,

    /// <summary>The stream had fewer or more bytes than it must.</summary>
    WrongSize,

    /// <summary>They hash to something else.</summary>
    WrongChecksum,
}
