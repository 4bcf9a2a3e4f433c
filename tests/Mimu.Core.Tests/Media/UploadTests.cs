using Mimu.Core.Media;
using Mimu.Core.Tests.Memory;
using Xunit;

namespace Mimu.Core.Tests.Media;

/// <summary>Uploads, quotas and clean-up, without a disk and without HTTP.</summary>
public sealed class UploadTests
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(15);

    private readonly World _world = new();
    private readonly MemoryBlobStore _blobs = new();
    private MediaSettings _settings = new() { Premium = new FileAllowance(MaxFile: 80, Quota: 100), UploadLifetime = _lifetime };

    private Presigner Presigner => new(new MediaAddress(() => new Uri("https://files.example:8443/store"), "mimu-media",
        () => new S3Credentials("id", "secret", "us-east-1"), IsOutside: false), _settings);

    private FinishUpload Finish => new(_world.Database, _blobs, _world.Clock);

    private SettleFiles Settle => new(_world.Database, _blobs, Finish, _world.Clock);

    private EraseFiles Erase => new(_world.Database, _blobs, _settings, _world.Clock);

    [Fact]
    public async Task An_upload_is_presigned_with_all_that_is_known_of_it()
    {
        var alice = await _world.AddAsync("alice");
        var upload = (await RequestAsync(alice, 7, new byte[32])).Value;
        Assert.StartsWith($"https://files.example:8443/store/mimu-media/{upload.File.Key}?X-Amz-Algorithm=AWS4-HMAC-SHA256&", upload.Put.Url, StringComparison.Ordinal);
        Assert.Contains("&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bx-amz-checksum-sha256&", upload.Put.Url, StringComparison.Ordinal);
        Assert.Equal(["Content-Length: 7", "Content-Type: a/b", $"x-amz-checksum-sha256: {Convert.ToBase64String(new byte[32])}"], upload.Put.Headers.Select(header => $"{header.Key}: {header.Value}"));
        Assert.Equal(upload.File.UploadUntil, upload.Put.ExpiresAt);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(_world.Clock.GetUtcNow().ToUnixTimeSeconds()) + _lifetime, upload.Put.ExpiresAt);
    }

    [Fact]
    public async Task The_quota_is_exact_however_many_ask_at_once()
    {
        var alice = await _world.AddAsync("alice");
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RequestAsync(alice, 30)));
        Assert.Equal(3, results.Count(result => result.IsOk));
        Assert.All(results.Where(result => !result.IsOk), result => Assert.Equal("quota_exceeded", result.Error!.Code));
        Assert.Equal("quota_exceeded", (await RequestAsync(alice, 11)).Error?.Code);
        Assert.True((await RequestAsync(alice, 10)).IsOk);
        Assert.Equal("payload_too_large", (await RequestAsync(alice, 81)).Error?.Code);
    }

    [Fact]
    public async Task An_upload_that_has_expired_makes_way_when_its_room_is_needed()
    {
        var alice = await _world.AddAsync("alice");
        var (late, other) = ((await RequestAsync(alice, 60)).Value.File, (await RequestAsync(alice, 30)).Value.File);
        _world.Clock.Advance(_lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal("quota_exceeded", (await RequestAsync(alice, 70)).Error?.Code);
        _world.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await RequestAsync(alice, 10)).IsOk);
        Assert.Equal(FileState.Requested, await StateAsync(late.Key));
        Assert.True((await RequestAsync(alice, 70)).IsOk);
        // An upload that ends only now finds that nobody waits for it.
        foreach (var (key, size) in (ReadOnlySpan<(FileKey, int)>)[(late.Key, 60), (other.Key, 30)])
        {
            _blobs.Put(key, new byte[size]);
        }
        Assert.False(await Finish.RunAsync(late.Key, sha256: null, default));
        Assert.False(await Finish.RunAsync(other.Key, sha256: null, default));
        Assert.Empty(_blobs.Keys);
        Assert.Equal(80, await CountedAsync(alice));
    }

    [Fact]
    public async Task What_an_outside_store_got_in_time_keeps_its_room_whenever_somebody_looks()
    {
        var alice = await _world.AddAsync("alice");
        var file = (await RequestAsync(alice, 60)).Value.File;
        _blobs.Put(file.Key, new byte[60]);
        _world.Clock.Advance(_lifetime * 2);
        Assert.Equal("quota_exceeded", (await RequestAsync(alice, 70)).Error?.Code);
        Assert.Equal(FileState.Finished, await StateAsync(file.Key));
        Assert.True((await RequestAsync(alice, 40)).IsOk);
        Assert.Equal(100, await CountedAsync(alice));
    }

    [Theory]
    [InlineData(true, "quota_exceeded")]
    [InlineData(false, null)]
    public async Task What_is_deleted_counts_only_where_its_url_still_takes_bytes(bool isOutside, string? refusal)
    {
        var alice = await _world.AddAsync("alice");
        var blobs = new MemoryBlobStore { IsOutside = isOutside };
        var file = (await RequestAsync(alice, 60, blobs: blobs)).Value.File;
        Assert.True((await new DeleteFile(_world.Database, blobs, _world.Clock).RunAsync(alice, file.Key, default)).IsOk);
        Assert.Equal(refusal, (await RequestAsync(alice, 50, blobs: blobs)).Error?.Code);
        _world.Clock.Advance(_lifetime + TimeSpan.FromSeconds(1));
        Assert.True((await RequestAsync(alice, 50, blobs: blobs)).IsOk);
    }

    [Fact]
    public async Task What_comes_after_the_deletion_by_a_url_that_is_still_good_goes_when_it_has_expired()
    {
        var alice = await _world.AddAsync("alice");
        var file = (await RequestAsync(alice, 60)).Value.File;
        await new DeleteFile(_world.Database, _blobs, _world.Clock).RunAsync(alice, file.Key, default);
        _blobs.Put(file.Key, new byte[60]);
        Assert.Equal(new SettledFiles(0, 0, 0, 0, IsRefused: false), await Settle.RunAsync(default));
        Assert.Equal(0, await Erase.RunAsync(default));
        _world.Clock.Advance(_lifetime + TimeSpan.FromSeconds(1));
        Assert.Equal(1, await Erase.RunAsync(default));
        Assert.Empty(_blobs.Keys);
        Assert.Null(await StateAsync(file.Key));
    }

    [Fact]
    public async Task A_file_that_cannot_be_erased_stops_no_other()
    {
        var alice = await _world.AddAsync("alice");
        var files = await FinishAsync(alice, 5);
        _blobs.Stuck.UnionWith(files.Order(Comparer<FileKey>.Create((one, other) => string.CompareOrdinal(one.ToString(), other.ToString()))).Take(2));
        _blobs.IsOutOfReach = true;
        foreach (var key in files)
        {
            await new DeleteFile(_world.Database, _blobs, _world.Clock).RunAsync(alice, key, default);
        }
        _blobs.IsOutOfReach = false;
        await Assert.ThrowsAsync<IOException>(async () => await Erase.RunAsync(default));
        Assert.Equal(_blobs.Stuck.Select(key => key.ToString()).Order(), _blobs.Keys.Select(key => key.ToString()).Order());
        _blobs.Stuck.Clear();
        Assert.Equal(2, await Erase.RunAsync(default));
        Assert.Empty(_blobs.Keys);
    }

    [Fact]
    public async Task A_checksum_that_comes_late_is_noted_and_none_is_replaced()
    {
        var alice = await _world.AddAsync("alice");
        var file = (await RequestAsync(alice, 1)).Value.File;
        _blobs.Put(file.Key, [1]);
        Assert.True(await Finish.RunAsync(file.Key, sha256: null, default));
        Assert.True(await Finish.RunAsync(file.Key, new byte[32], default));
        Assert.True(await Finish.RunAsync(file.Key, [.. Enumerable.Repeat<byte>(1, 32)], default));
        Assert.Equal(new byte[32], (await _world.Database.ReadAsync(tx => tx.Files.FindAsync(file.Key), default))?.Sha256);
    }

    [Fact]
    public async Task A_look_at_the_bytes_notes_the_checksum_that_nobody_knew()
    {
        var alice = await _world.AddAsync("alice");
        var file = (await RequestAsync(alice, 1)).Value.File;
        _blobs.Put(file.Key, [1]);
        await Finish.RunAsync(file.Key, sha256: null, default);
        var verify = new VerifyFiles(_world.Database, _blobs, _world.Clock);
        Assert.Equal(1, (await verify.RunAsync(new WalkStep(null, TimeSpan.FromMinutes(1)), default)).Unknown);
        Assert.Equal(0, (await verify.RunAsync(new WalkStep(null, TimeSpan.FromMinutes(1)), default)).Unknown);
        _blobs.Put(file.Key, [2]);
        Assert.Equal([file.Key], (await verify.RunAsync(new WalkStep(null, TimeSpan.FromMinutes(1)), default)).Damaged);
    }

    [Fact]
    public async Task No_upload_may_leave_less_of_the_disk_than_the_settings_want()
    {
        var alice = await _world.AddAsync("alice");
        _settings = _settings with { MinFreeDisk = 1000 };
        _blobs.Free = 1009;
        Assert.Equal("insufficient_storage", (await RequestAsync(alice, 10)).Error?.Code);
        _blobs.Free = 1010;
        Assert.True((await RequestAsync(alice, 10)).IsOk);
        _blobs.Free = null;
        Assert.True((await RequestAsync(alice, 10)).IsOk);
    }

    [Fact]
    public async Task Who_asks_for_a_file_finds_that_an_outside_store_has_it()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        var file = (await RequestAsync(alice, 2)).Value.File;
        var find = new FindFile(_world.Database, _blobs, Finish, Presigner, _world.Clock);
        Assert.Null((await find.RunAsync(alice, file.Key, default)).Value.Get);
        Assert.Equal("not_found", (await find.RunAsync(bob, file.Key, default)).Error?.Code);
        _blobs.Put(file.Key, new byte[3]);
        Assert.Equal("not_found", (await find.RunAsync(bob, file.Key, default)).Error?.Code);
        _blobs.Put(file.Key, new byte[2]);
        Assert.NotNull((await find.RunAsync(bob, file.Key, default)).Value.Get);
        Assert.Equal(FileState.Finished, await StateAsync(file.Key));
    }

    [Fact]
    public async Task Uploads_are_forgotten_after_a_day_and_those_that_were_stored_are_finished()
    {
        var alice = await _world.AddAsync("alice");
        var (idle, stored) = ((await RequestAsync(alice, 1)).Value.File, (await RequestAsync(alice, 2)).Value.File);
        _blobs.Put(stored.Key, new byte[2]);
        _world.Clock.Advance(_lifetime);
        Assert.Equal(new SettledFiles(1, 0, 0, 0, IsRefused: false), await Settle.RunAsync(default));
        _world.Clock.Advance(TimeSpan.FromHours(24) - _lifetime - TimeSpan.FromMilliseconds(1));
        Assert.Equal(new SettledFiles(0, 0, 0, 0, IsRefused: false), await Settle.RunAsync(default));
        _world.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new SettledFiles(0, 1, 0, 0, IsRefused: false), await Settle.RunAsync(default));
        Assert.Equal(1, await Erase.RunAsync(default));
        Assert.Null(await StateAsync(idle.Key));
        Assert.Equal(FileState.Finished, await StateAsync(stored.Key));
    }

    [Fact]
    public async Task The_table_and_the_store_come_to_agree()
    {
        var alice = await _world.AddAsync("alice");
        var files = await FinishAsync(alice, 5);
        var (stray, waiting) = (FileKey.New(), (await RequestAsync(alice, 1)).Value.File.Key);
        await _blobs.DeleteAsync(files[0], default);
        _blobs.Put(stray, [1]);
        _blobs.Put(waiting, [1]);
        Assert.Equal(new SettledFiles(0, 0, 1, 1, IsRefused: false), await Settle.RunAsync(default));
        await Erase.RunAsync(default);
        // Its bytes may come back; only an administrator gives them up.
        Assert.Equal(FileState.Finished, await StateAsync(files[0]));
        Assert.Equal(new SettledFiles(0, 0, 1, 0, IsRefused: false), await Settle.RunAsync(isTrial: false, isForced: false, default));
        await Erase.RunAsync(default);
        Assert.Equal(FileState.Removed, await StateAsync(files[0]));
        Assert.Equal([.. files.Skip(1).Append(waiting).Select(key => key.ToString()).Order()], _blobs.Keys.Select(key => key.ToString()).Order());
    }

    [Fact]
    public async Task A_store_that_has_lost_most_of_its_files_is_not_believed()
    {
        var alice = await _world.AddAsync("alice");
        var files = await FinishAsync(alice, 50);
        foreach (var key in files.Take(30))
        {
            await _blobs.DeleteAsync(key, default);
        }
        Assert.Equal(new SettledFiles(0, 0, 30, 0, IsRefused: true), await Settle.RunAsync(default));
        Assert.Equal(FileState.Finished, await StateAsync(files[0]));
    }

    [Fact]
    public async Task A_store_that_has_none_of_a_few_files_is_not_believed_either_nor_are_files_that_nobody_knows()
    {
        var alice = await _world.AddAsync("alice");
        var files = await FinishAsync(alice, 3);
        foreach (var key in files)
        {
            await _blobs.DeleteAsync(key, default);
        }
        var other = FileKey.New();
        _blobs.Put(other, [1]);
        Assert.Equal(new SettledFiles(0, 0, 3, 1, IsRefused: true), await Settle.RunAsync(isTrial: false, isForced: false, default));
        Assert.Equal(FileState.Finished, await StateAsync(files[0]));
        Assert.Equal([other.ToString()], _blobs.Keys.Select(key => key.ToString()));
        Assert.Equal(new SettledFiles(0, 0, 3, 1, IsRefused: false), await Settle.RunAsync(isTrial: false, isForced: true, default));
        Assert.Equal(FileState.Removed, await StateAsync(files[0]));
        Assert.Empty(_blobs.Keys);
    }

    [Fact]
    public async Task Too_many_strays_keep_no_lost_file_from_being_forgotten()
    {
        var alice = await _world.AddAsync("alice");
        var files = await FinishAsync(alice, 4);
        await _blobs.DeleteAsync(files[0], default);
        for (var i = 0; i < 21; i++)
        {
            _blobs.Put(FileKey.New(), [1]);
        }
        Assert.Equal(new SettledFiles(0, 0, 1, 21, IsRefused: true), await Settle.RunAsync(isTrial: false, isForced: false, default));
        Assert.Equal(FileState.Removed, await StateAsync(files[0]));
        Assert.Equal(24, _blobs.Keys.Count);
    }

    [Fact]
    public async Task What_is_deleted_while_the_store_is_out_of_reach_goes_later()
    {
        var alice = await _world.AddAsync("alice");
        var key = (await FinishAsync(alice, 1))[0];
        _blobs.IsOutOfReach = true;
        Assert.True((await new DeleteFile(_world.Database, _blobs, _world.Clock).RunAsync(alice, key, default)).IsOk);
        Assert.Equal(FileState.Removed, await StateAsync(key));
        _blobs.IsOutOfReach = false;
        Assert.Equal(1, await Erase.RunAsync(default));
        Assert.Empty(_blobs.Keys);
    }

    [Fact]
    public async Task With_a_retention_older_files_go()
    {
        var alice = await _world.AddAsync("alice");
        _settings = _settings with { Retention = TimeSpan.FromDays(30) };
        var old = (await FinishAsync(alice, 1))[0];
        _world.Clock.Advance(TimeSpan.FromDays(30));
        var young = (await FinishAsync(alice, 1))[0];
        Assert.Equal(0, await Erase.RunAsync(default));
        _world.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await Erase.RunAsync(default));
        Assert.Null(await StateAsync(old));
        Assert.Equal([young], _blobs.Keys);
    }

    private async Task<List<FileKey>> FinishAsync(Caller caller, int count)
    {
        var keys = new List<FileKey>();
        for (var i = 0; i < count; i++)
        {
            var key = (await RequestAsync(caller, 1)).Value.File.Key;
            _blobs.Put(key, [1]);
            Assert.True(await Finish.RunAsync(key, new byte[32], default));
            keys.Add(key);
        }
        return keys;
    }

    private async Task<Result<RequestedUpload>> RequestAsync(Caller caller, long size, byte[]? sha256 = null, MemoryBlobStore? blobs = null) =>
        await new RequestUpload(_world.Database, blobs ?? _blobs, Finish, Presigner, _settings, _world.Clock).RunAsync(caller, new RequestUploadCommand(size, "a/b", sha256), default);

    private async Task<long> CountedAsync(Caller caller) => await _world.Database.ReadAsync(tx => tx.Files.SumCountedAsync(caller.UserId), default);

    private async Task<FileState?> StateAsync(FileKey key) => (await _world.Database.ReadAsync(tx => tx.Files.FindAsync(key), default))?.State;
}
