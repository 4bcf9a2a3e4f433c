using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Media;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IFileStore"/> promises.</summary>
public abstract class FileStoreSpec : StorageSpec
{
    private static readonly byte[] _hash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly Account _alice = Sample.Account("alice");
    private readonly Account _bob = Sample.Account("bob");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            await tx.Accounts.AddAsync(_bob);
        });
    }

    [Fact]
    public async Task A_file_is_what_was_stored()
    {
        var plain = await AddAsync(_alice, 1);
        var sworn = Sample.File(_alice.Id, 5L << 30) with { ContentType = "image/png", Sha256 = _hash };
        await WriteAsync(tx => tx.Files.AddAsync(sworn));
        Alike.Equal(plain, await FindAsync(plain.Key));
        Alike.Equal(sworn, await FindAsync(sworn.Key));
        Assert.Null(await FindAsync(FileKey.New()));
    }

    [Fact]
    public async Task A_file_is_finished_once_and_keeps_the_hash_that_it_has()
    {
        var (plain, sworn) = (await AddAsync(_alice, 1), Sample.File(_alice.Id, 2) with { Sha256 = _hash });
        await WriteAsync(tx => tx.Files.AddAsync(sworn));
        Assert.True(await WriteAsync(tx => tx.Files.FinishAsync(plain.Key, _hash)));
        Assert.False(await WriteAsync(tx => tx.Files.FinishAsync(plain.Key, new byte[32])));
        Assert.True(await WriteAsync(tx => tx.Files.FinishAsync(sworn.Key, sha256: null)));
        Assert.False(await WriteAsync(tx => tx.Files.FinishAsync(FileKey.New(), _hash)));
        Alike.Equal(plain with { State = FileState.Finished, Sha256 = _hash }, await FindAsync(plain.Key));
        Alike.Equal(sworn with { State = FileState.Finished }, await FindAsync(sworn.Key));
    }

    [Fact]
    public async Task All_files_are_counted_by_how_far_they_are()
    {
        Assert.Equal(new FileCounts(0, 0, 0, 0, 0, 0) { Owners = 0 }, await ReadAsync(tx => tx.Files.CountAsync()));
        await AddAsync(_alice, 1);
        foreach (var (owner, size) in new[] { (_alice, 10), (_alice, 20), (_bob, 40) })
        {
            await FinishAsync(await AddAsync(owner, size));
        }
        var removed = await AddAsync(_bob, 100);
        await WriteAsync(tx => tx.Files.RemoveAsync(removed.Key));
        Assert.Equal(new FileCounts(3, 70, 1, 1, 1, 100) { Owners = 2 }, await ReadAsync(tx => tx.Files.CountAsync()));
        Assert.Equal(3, await ReadAsync(tx => tx.Files.CountOlderAsync(removed.CreatedAt.AddSeconds(1))));
        Assert.Equal(0, await ReadAsync(tx => tx.Files.CountOlderAsync(removed.CreatedAt)));
    }

    [Fact]
    public async Task Finished_files_and_uploads_count()
    {
        var now = Sample.Now;
        var until = now.AddMinutes(15);
        var finished = await AddAsync(_alice, 1, until: now);
        await FinishAsync(finished);
        var removed = await AddAsync(_alice, 10, until);
        await FinishAsync(removed);
        await WriteAsync(tx => tx.Files.RemoveAsync(removed.Key));
        await AddAsync(_alice, 100, until);
        await FinishAsync(await AddAsync(_bob, 1000, until));

        Assert.Equal(1, await ReadAsync(tx => tx.Files.SumFinishedAsync(_alice.Id)));
        Assert.Equal(101, await ReadAsync(tx => tx.Files.SumCountedAsync(_alice.Id)));
        Assert.Equal(10, await ReadAsync(tx => tx.Files.SumRevokedAsync(_alice.Id, until)));
        Assert.Equal(0, await ReadAsync(tx => tx.Files.SumRevokedAsync(_alice.Id, until.AddMilliseconds(1))));
        Assert.Equal(1000, await ReadAsync(tx => tx.Files.SumFinishedAsync(_bob.Id)));
        Assert.Equal(0, await ReadAsync(tx => tx.Files.SumCountedAsync(Ids.NewUserId())));
    }

    [Fact]
    public async Task What_is_removed_is_so_once_and_is_forgotten_when_it_is_erased_and_its_url_has_expired()
    {
        var until = Sample.Now.AddMinutes(15);
        var file = await AddAsync(_alice, 1, until);
        Assert.False(await WriteAsync(tx => tx.Files.ErasedAsync(file.Key, until)));
        Assert.True(await WriteAsync(tx => tx.Files.RemoveAsync(file.Key)));
        Assert.False(await WriteAsync(tx => tx.Files.RemoveAsync(file.Key)));
        Assert.False(await WriteAsync(tx => tx.Files.FinishAsync(file.Key, _hash)));
        Assert.Equal([file.Key], await ReadAsync(tx => tx.Files.ListRemovedAsync(until, after: null, 10)));

        Assert.True(await WriteAsync(tx => tx.Files.ErasedAsync(file.Key, until)));
        Assert.Equal(FileState.Removed, (await FindAsync(file.Key))?.State);
        Assert.Equal(0, (await ReadAsync(tx => tx.Files.CountAsync())).Removed);
        Assert.Empty(await ReadAsync(tx => tx.Files.ListRemovedAsync(until, after: null, 10)));

        var later = until.AddMilliseconds(1);
        Assert.Equal([file.Key], await ReadAsync(tx => tx.Files.ListRemovedAsync(later, after: null, 10)));
        Assert.True(await WriteAsync(tx => tx.Files.ErasedAsync(file.Key, later)));
        Assert.Null(await FindAsync(file.Key));
        Assert.False(await WriteAsync(tx => tx.Files.RemoveAsync(file.Key)));
        Assert.False(await WriteAsync(tx => tx.Files.ErasedAsync(file.Key, later)));
    }

    [Fact]
    public async Task A_checksum_is_noted_of_a_finished_file_that_has_none()
    {
        var (unknown, known, requested) = (await AddAsync(_alice, 1), await AddAsync(_alice, 1), await AddAsync(_alice, 1));
        await WriteAsync(tx => tx.Files.FinishAsync(unknown.Key, sha256: null));
        await WriteAsync(tx => tx.Files.FinishAsync(known.Key, _hash));
        var other = new byte[32];
        foreach (var file in (MediaFile[])[unknown, known, requested])
        {
            await WriteAsync(async tx =>
            {
                await tx.Files.NoteChecksumAsync(file.Key, other);
                return true;
            });
        }
        Assert.Equal(other, (await FindAsync(unknown.Key))?.Sha256);
        Assert.Equal(_hash, (await FindAsync(known.Key))?.Sha256);
        Assert.Null((await FindAsync(requested.Key))?.Sha256);
    }

    [Fact]
    public async Task Overdue_uploads_of_one_owner_are_listed_the_first_to_expire_first()
    {
        var files = new List<MediaFile>();
        foreach (var minutes in (int[])[3, 1, 2, 4])
        {
            files.Add(await AddAsync(_alice, 1, Sample.Now.AddMinutes(minutes)));
        }
        await AddAsync(_bob, 1, Sample.Now);
        await FinishAsync(await AddAsync(_alice, 1, Sample.Now));
        Assert.Equal([files[1].Key, files[2].Key, files[0].Key],
            (await ReadAsync(tx => tx.Files.ListOverdueOfAsync(_alice.Id, Sample.Now.AddMinutes(4), 10))).Select(file => file.Key));
        Assert.Equal(2, (await ReadAsync(tx => tx.Files.ListOverdueOfAsync(_alice.Id, Sample.Now.AddMinutes(4), 2))).Count);
    }

    [Fact]
    public async Task All_files_of_one_account_can_be_removed()
    {
        await FinishAsync(await AddAsync(_alice, 1));
        await AddAsync(_alice, 2);
        var others = await AddAsync(_bob, 3);
        Assert.Equal(2, await WriteAsync(tx => tx.Files.RemoveAllAsync(_alice.Id)));
        Assert.Equal(0, await WriteAsync(tx => tx.Files.RemoveAllAsync(_alice.Id)));
        Assert.Equal(0, await ReadAsync(tx => tx.Files.SumCountedAsync(_alice.Id)));
        Assert.Equal(FileState.Requested, (await FindAsync(others.Key))?.State);
        Assert.Equal(2, (await ReadAsync(tx => tx.Files.ListRemovedAsync(Sample.Now, after: null, 10))).Count);
    }

    [Fact]
    public async Task Finished_files_of_a_certain_age_can_be_removed_the_oldest_first()
    {
        var files = new List<MediaFile>();
        for (var i = 0; i < 4; i++)
        {
            files.Add(Sample.File(_alice.Id, 1) with { CreatedAt = Sample.Now.AddDays(-i) });
            await WriteAsync(tx => tx.Files.AddAsync(files[i]));
        }
        foreach (var file in files.Take(3))
        {
            await FinishAsync(file);
        }
        Assert.Equal(1, await WriteAsync(tx => tx.Files.RemoveOlderAsync(Sample.Now, 1)));
        Assert.Equal([files[2].Key], await ReadAsync(tx => tx.Files.ListRemovedAsync(Sample.Now, after: null, 10)));
        Assert.Equal(1, await WriteAsync(tx => tx.Files.RemoveOlderAsync(Sample.Now, 10)));
        Assert.Equal([files[0].Key], await ReadAsync(tx => tx.Files.ListFinishedAsync(after: null, 10)));
    }

    [Fact]
    public async Task Files_are_listed_in_order_of_their_keys_page_by_page()
    {
        var files = new List<MediaFile>();
        for (var i = 0; i < 12; i++)
        {
            files.Add(await AddAsync(_alice, 1, Sample.Now.AddMinutes(i < 9 ? 0 : 1)));
        }
        foreach (var file in files.Take(6))
        {
            await FinishAsync(file);
        }
        foreach (var file in files.Take(3))
        {
            await WriteAsync(tx => tx.Files.RemoveAsync(file.Key));
        }
        Assert.Equal(InOrder(files.Take(3)), await PagesAsync((after, tx) => tx.Files.ListRemovedAsync(Sample.Now, after, 2)));
        Assert.Equal(InOrder(files.Skip(3).Take(3)), await PagesAsync((after, tx) => tx.Files.ListFinishedAsync(after, 2)));
        Assert.Equal(InOrder(files.Skip(6).Take(3)), await PagesAsync(async (after, tx) =>
            [.. (await tx.Files.ListOverdueAsync(Sample.Now.AddMinutes(1), after, 2)).Select(file => file.Key)]));
        Assert.Empty(await ReadAsync(tx => tx.Files.ListOverdueAsync(Sample.Now, after: null, 10)));
    }

    private static List<FileKey> InOrder(IEnumerable<MediaFile> files) => [.. files.Select(file => file.Key).OrderBy(key => key.ToString(), StringComparer.Ordinal)];

    private async Task<List<FileKey>> PagesAsync(Func<FileKey?, Core.Storage.ITransaction, ValueTask<IReadOnlyList<FileKey>>> list)
    {
        var all = new List<FileKey>();
        IReadOnlyList<FileKey> page;
        do
        {
            page = await ReadAsync(tx => list(all.LastOrDefault(), tx));
            all.AddRange(page);
        }
        while (page.Count > 0);
        return all;
    }

    private async Task<MediaFile> AddAsync(Account owner, long size, DateTimeOffset? until = null)
    {
        var file = Sample.File(owner.Id, size) with { UploadUntil = until ?? Sample.Now };
        await WriteAsync(tx => tx.Files.AddAsync(file));
        return file;
    }

    private Task<bool> FinishAsync(MediaFile file) => WriteAsync(tx => tx.Files.FinishAsync(file.Key, sha256: null));

    private Task<MediaFile?> FindAsync(FileKey key) => ReadAsync(tx => tx.Files.FindAsync(key));
}
