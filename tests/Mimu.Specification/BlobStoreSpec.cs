using System.Security.Cryptography;
using Mimu.Core.Media;
using Xunit;

namespace Mimu.Specification;

/// <summary>A store that a specification is tried on: fresh, empty, and nobody else's.</summary>
public interface IBlobStoreUnderTest : IAsyncDisposable
{
    IBlobStore Blobs { get; }
}

/// <summary>What <see cref="IBlobStore"/> promises.</summary>
public abstract class BlobStoreSpec : IAsyncLifetime
{
    private readonly FileKey _key = FileKey.New();
    private IBlobStoreUnderTest? _store;

    protected IBlobStore Blobs => _store!.Blobs;

    /// <summary>A fresh store. The specification disposes of it.</summary>
    protected abstract ValueTask<IBlobStoreUnderTest> OpenAsync();

    public async Task InitializeAsync() => _store = await OpenAsync();

    public async Task DisposeAsync() => await _store!.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(128 * 1024)]
    [InlineData(300_001)]
    public async Task What_is_stored_is_read_again(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var receipt = await StoreAsync(content, SHA256.HashData(content));
        Assert.Equal(BlobOutcome.Stored, receipt.Outcome);
        Assert.Equal(SHA256.HashData(content), receipt.Sha256);
        Assert.Equal(size, await Blobs.FindSizeAsync(_key, default));
        Assert.Equal(content, await ReadAsync(_key));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        Assert.Null(await Blobs.FindSizeAsync(_key, default));
        Assert.Null(await Blobs.OpenAsync(_key, default));
        Assert.False(await Blobs.DeleteAsync(_key, default));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_blob_is_written_once()
    {
        await StoreAsync([1, 2, 3]);
        Assert.Equal(BlobOutcome.Exists, (await StoreAsync([4, 5, 6])).Outcome);
        Assert.Equal([1, 2, 3], await ReadAsync(_key));
    }

    [Fact]
    public async Task Of_many_at_once_one_wins_whole()
    {
        var contents = Enumerable.Range(1, 8).Select(i => Enumerable.Repeat((byte)i, 200_000).ToArray()).ToArray();
        var receipts = await Task.WhenAll(contents.Select(content => StoreAsync(content)));
        var winner = Assert.Single(contents.Zip(receipts), one => one.Second.Outcome is BlobOutcome.Stored);
        Assert.All(receipts.Where(receipt => receipt != winner.Second), receipt => Assert.Equal(BlobOutcome.Exists, receipt.Outcome));
        Assert.Equal(winner.First, await ReadAsync(_key));
    }

    [Fact]
    public async Task What_is_not_what_it_must_be_leaves_nothing()
    {
        Assert.Equal(BlobOutcome.WrongSize, (await Blobs.StoreAsync(_key, new MemoryStream([1, 2, 3]), 2, sha256: null, default)).Outcome);
        Assert.Equal(BlobOutcome.WrongSize, (await Blobs.StoreAsync(_key, new MemoryStream([1, 2, 3]), 4, sha256: null, default)).Outcome);
        Assert.Equal(BlobOutcome.WrongChecksum, (await StoreAsync([1, 2, 3], new byte[32])).Outcome);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await Blobs.StoreAsync(_key, new BreakingStream(300_000), 400_000, sha256: null, default));
        Assert.Null(await Blobs.FindSizeAsync(_key, default));
        Assert.Empty(await ListAsync());
        Assert.Equal(BlobOutcome.Stored, (await StoreAsync([7])).Outcome);
    }

    [Fact]
    public async Task A_blob_can_be_read_from_anywhere_and_to_its_end_although_it_is_deleted()
    {
        await StoreAsync([1, 2, 3, 4]);
        await using var stream = (await Blobs.OpenAsync(_key, default))!;
        Assert.Equal(4, stream.Length);
        stream.Position = 2;
        Assert.Equal(3, await ByteAsync(stream));
        Assert.True(await Blobs.DeleteAsync(_key, default));
        Assert.False(await Blobs.DeleteAsync(_key, default));
        Assert.Equal(4, await ByteAsync(stream));
        Assert.Null(await Blobs.OpenAsync(_key, default));
        Assert.Equal(BlobOutcome.Stored, (await StoreAsync([5])).Outcome);
    }

    [Fact]
    public async Task All_are_listed_in_order()
    {
        var keys = Enumerable.Range(0, 40).Select(_ => FileKey.New()).ToList();
        foreach (var key in keys)
        {
            await Blobs.StoreAsync(key, new MemoryStream([1]), 1, sha256: null, default);
        }
        Assert.Equal(keys.OrderBy(key => key.ToString(), StringComparer.Ordinal), await ListAsync());
    }

    private async Task<BlobReceipt> StoreAsync(byte[] content, byte[]? sha256 = null) =>
        await Blobs.StoreAsync(_key, new MemoryStream(content), content.Length, sha256, default);

    private static async Task<byte> ByteAsync(Stream stream)
    {
        var one = new byte[1];
        await stream.ReadExactlyAsync(one);
        return one[0];
    }

    private async Task<byte[]> ReadAsync(FileKey key)
    {
        await using var stream = (await Blobs.OpenAsync(key, default))!;
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    private async Task<List<FileKey>> ListAsync()
    {
        var keys = new List<FileKey>();
        await foreach (var key in Blobs.ListAsync(default))
        {
            keys.Add(key);
        }
        return keys;
    }

    /// <summary>Has so many bytes, and then breaks.</summary>
    private sealed class BreakingStream(int size) : MemoryStream(new byte[size])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var count ? count : throw new InvalidDataException("The client is gone.");
    }
}
