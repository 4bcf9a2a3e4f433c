using Mimu.Core.Media;
using Mimu.Core.Storage;
using Mimu.Embedded.Blobs;
using Mimu.Specification;
using Xunit;

namespace Mimu.Embedded.Tests;

/// <summary>How files lie on the disk.</summary>
public sealed class LocalBlobStoreTests : IDisposable
{
    private const UnixFileMode OwnerReads = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory _directory = new();
    private readonly FileKey _key = FileKey.New();

    private string Root => Path.Combine(_directory.Path, "blobs");

    private string BlobPath => Path.Combine(Root, _key.ToString()[..2], _key.ToString());

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_blob_is_one_file_of_its_owner_alone()
    {
        using var store = Open();
        await StoreAsync(store);
        Assert.Equal([BlobPath], Directory.GetFiles(Root, "*", SearchOption.AllDirectories));
        Assert.Equal(OwnerReads, File.GetUnixFileMode(BlobPath));
        Assert.All(Directory.GetDirectories(Root).Append(Root), folder => Assert.Equal(OwnerReads | UnixFileMode.UserExecute, File.GetUnixFileMode(folder)));
        await store.DeleteAsync(_key, default);
        Assert.Empty(Directory.GetFiles(Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_was_half_done_is_removed_at_the_start_and_nothing_else()
    {
        using (var store = Open())
        {
            await StoreAsync(store);
        }
        var draft = Path.Combine(Root, "tmp", $"{FileKey.New()}.7");
        var (foreign, misplaced) = (Path.Combine(Root, "README"), Path.Combine(Root, "zz", FileKey.New().ToString()));
        Directory.CreateDirectory(Path.Combine(Root, "zz"));
        foreach (var path in (string[])[draft, foreign, misplaced, BlobPath + ".bak"])
        {
            await File.WriteAllTextAsync(path, "x");
        }
        using var again = Open();
        Assert.False(File.Exists(draft));
        Assert.True(File.Exists(foreign));
        var keys = new List<FileKey>();
        await foreach (var key in again.ListAsync(default))
        {
            keys.Add(key);
        }
        Assert.Equal([_key], keys);
    }

    [Fact]
    public async Task What_breaks_off_leaves_no_draft()
    {
        using var store = Open();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.StoreAsync(_key, new MemoryStream([1]), 1, sha256: null, cancellation.Token));
        await store.StoreAsync(_key, new MemoryStream([1]), 1, new byte[32], default);
        Assert.Empty(Directory.GetFiles(Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_file_system_that_is_gone_is_no_empty_store()
    {
        using var store = Open();
        Directory.Delete(Root, recursive: true);
        Directory.CreateDirectory(Root);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await foreach (var key in store.ListAsync(default))
            {
                Assert.Fail($"{key} is nowhere.");
            }
        });
        await Assert.ThrowsAsync<BlobStoreException>(async () => await store.FindSizeAsync(_key, default));
        await Assert.ThrowsAsync<BlobStoreException>(async () => await store.OpenAsync(_key, default));
        await Assert.ThrowsAsync<BlobStoreException>(async () => await store.DeleteAsync(_key, default));
        await Assert.ThrowsAsync<BlobStoreException>(async () => await store.StoreAsync(_key, new MemoryStream([1]), 1, sha256: null, default));
    }

    [Fact]
    public void A_directory_elsewhere_is_one_servers_alone()
    {
        var (elsewhere, others) = (Path.Combine(_directory.Path, "elsewhere"), Path.Combine(_directory.Path, "others"));
        using var first = LocalBlobStore.Open(elsewhere, Path.Combine(_directory.Path, "data"));
        Assert.Equal(StorageRefusal.InUse, Assert.Throws<StorageRefusedException>(() => LocalBlobStore.Open(elsewhere, others)).Reason);
        File.WriteAllText(Path.Combine(_directory.Path, "file"), "x");
        Assert.Equal(StorageRefusal.NotWritable, Assert.Throws<StorageRefusedException>(() => LocalBlobStore.Open(Path.Combine(_directory.Path, "file"), others)).Reason);
    }

    [Fact]
    public async Task How_much_is_free_is_known()
    {
        using var store = Open();
        Assert.True(await store.FindFreeAsync(default) > 0);
    }

    private LocalBlobStore Open() => LocalBlobStore.Open(Root, _directory.Path);

    private async Task StoreAsync(LocalBlobStore store) =>
        Assert.Equal(BlobOutcome.Stored, (await store.StoreAsync(_key, new MemoryStream([1, 2, 3]), 3, sha256: null, default)).Outcome);
}

/// <summary>A store in a directory of its own.</summary>
internal sealed class LocalBlobs : IBlobStoreUnderTest
{
    private readonly TemporaryDirectory _directory = new();
    private readonly LocalBlobStore _store;

    public LocalBlobs() => _store = LocalBlobStore.Open(_directory.Path, _directory.Path);

    public IBlobStore Blobs => _store;

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
