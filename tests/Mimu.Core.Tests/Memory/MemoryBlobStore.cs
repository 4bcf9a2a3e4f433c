using System.Collections.Concurrent;
using System.Security.Cryptography;
using Mimu.Core.Media;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryBlobStore : IBlobStore
{
    private readonly ConcurrentDictionary<FileKey, byte[]> _blobs = new();

    /// <summary>What <see cref="FindFreeAsync"/> says.</summary>
    public long? Free { get; set; }

    /// <summary>Whether nobody can reach it.</summary>
    public bool IsOutOfReach { get; set; }

    public IReadOnlyCollection<FileKey> Keys => [.. _blobs.Keys];

    public bool IsOutside { get; init; }

    /// <summary>Keys that can't be erased.</summary>
    public HashSet<FileKey> Stuck { get; } = [];

    /// <summary>Stores as a client of an outside store would: nobody is told.</summary>
    public void Put(FileKey key, byte[] content) => _blobs[key] = content;

    public ValueTask<long?> FindSizeAsync(FileKey key, CancellationToken cancellation) => new(Reach().GetValueOrDefault(key)?.Length);

    public ValueTask<bool> DeleteAsync(FileKey key, CancellationToken cancellation) =>
        Stuck.Contains(key) ? ValueTask.FromException<bool>(new IOException("This one can't be erased.")) : new(Reach().TryRemove(key, out _));

    public async IAsyncEnumerable<FileKey> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        foreach (var key in Reach().Keys.OrderBy(key => key.ToString(), StringComparer.Ordinal))
        {
            yield return key;
        }
    }

    public ValueTask<Stream?> OpenAsync(FileKey key, CancellationToken cancellation) => new(Reach().TryGetValue(key, out var content) ? new MemoryStream(content) : null);

    public async ValueTask<BlobReceipt> StoreAsync(FileKey key, Stream content, long size, byte[]? sha256, CancellationToken cancellation)
    {
        var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellation);
        var hash = SHA256.HashData(copy.ToArray());
        return copy.Length != size ? new(BlobOutcome.WrongSize, [])
            : sha256 is not null && !hash.SequenceEqual(sha256) ? new(BlobOutcome.WrongChecksum, [])
            : Reach().TryAdd(key, copy.ToArray()) ? new(BlobOutcome.Stored, hash)
            : new(BlobOutcome.Exists, []);
    }

    public ValueTask<long?> FindFreeAsync(CancellationToken cancellation) => new(Free);

    private ConcurrentDictionary<FileKey, byte[]> Reach() => IsOutOfReach ? throw new BlobStoreException("Nobody answers.") : _blobs;
}

/// <summary>A store in memory for a specification.</summary>
internal sealed class MemoryBlobs : Specification.IBlobStoreUnderTest
{
    public IBlobStore Blobs { get; } = new MemoryBlobStore();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
