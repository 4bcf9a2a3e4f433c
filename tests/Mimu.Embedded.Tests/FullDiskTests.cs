using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Storage;
using Mimu.Specification;
using Xunit;

namespace Mimu.Embedded.Tests;

/// <summary>A disk that is really full: a small file system of its own.</summary>
public sealed class FullDiskTests
{
    [FactWithTmpfs]
    public async Task A_full_disk_is_told_loses_nothing_and_is_worked_on_again_when_there_is_room()
    {
        using var disk = Tmpfs.Mount("3m");
        var options = new EmbeddedOptions(disk.Path, Path.Combine(disk.Path, "mimu.db"), SyncEveryCommit: true);
        var acknowledged = new List<MessageId>();
        var refused = new List<MessageId>();
        await using (var backend = EmbeddedBackend.Open(options))
        {
            var recorder = new Recorder();
            var alice = Sample.Account("alice");
            var chat = Sample.Chat(ChatType.Group, alice);
            using var subscription = backend.PubSub.Subscribe(alice.Id, recorder);
            await backend.Database.WriteAsync<Done>(async tx =>
            {
                await tx.Accounts.AddAsync(alice);
                await tx.Chats.AddAsync(chat);
                return default(Done);
            });

            // Several at a time, so that a batch fails as one.
            while (refused.Count < 40)
            {
                await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(backend.Database, chat, 20_000)));
            }

            Assert.NotEmpty(acknowledged);
            await AssertStoredAsync(backend.Database, chat);
            Assert.Equal(acknowledged.Count, recorder.Told.Count);

            disk.Remount("size=64m");
            refused.Clear();
            for (var i = 0; i < 20; i++)
            {
                await SendAsync(backend.Database, chat, 20_000);
            }

            Assert.Empty(refused);
            await AssertStoredAsync(backend.Database, chat);
        }
        using var connection = SqliteFiles.Open(options.DatabasePath);
        Assert.Equal("ok", connection.Text("PRAGMA integrity_check"));
        Assert.Equal(acknowledged.Count, connection.Number("SELECT count(*) FROM messages"));

        async Task SendAsync(IDatabase database, Chat chat, int size)
        {
            var message = Sample.Message(chat.Id, chat.CreatedBy, new byte[size]);
            try
            {
                var sent = await database.WriteAsync<Done>(async tx =>
                {
                    var cursor = await tx.Messages.AddAsync(message);
                    tx.Publish(new(cursor, new Core.Events.NewMessage(message), [chat.CreatedBy], Origin: null));
                    return default(Done);
                });
                Assert.True(sent.IsOk);
                lock (acknowledged)
                {
                    acknowledged.Add(message.Id);
                }
            }
            catch (StorageFullException)
            {
                lock (acknowledged)
                {
                    refused.Add(message.Id);
                }
            }
        }

        async Task AssertStoredAsync(IDatabase database, Chat chat)
        {
            foreach (var id in acknowledged)
            {
                Assert.NotNull(await database.ReadAsync(tx => tx.Messages.FindPositionAsync(chat.Id, id)));
            }
            foreach (var id in refused)
            {
                Assert.Null(await database.ReadAsync(tx => tx.Messages.FindPositionAsync(chat.Id, id)));
            }
        }
    }

    [FactWithTmpfs]
    public async Task A_database_that_was_closed_on_a_full_disk_opens_again_with_all_that_it_had()
    {
        using var disk = Tmpfs.Mount("3m");
        var options = new EmbeddedOptions(disk.Path, Path.Combine(disk.Path, "mimu.db"), SyncEveryCommit: true);
        var added = new List<Account>();
        await using (var backend = EmbeddedBackend.Open(options))
        {
            // What is left of the disk is taken by somebody else.
            await File.WriteAllBytesAsync(Path.Combine(disk.Path, "filler"), new byte[2_500_000]);
            while (true)
            {
                var account = Sample.Account($"user{added.Count}") with { DisplayName = new string('x', 3000) };
                try
                {
                    await backend.Database.WriteAsync<bool>(async tx => await tx.Accounts.AddAsync(account));
                    added.Add(account);
                }
                catch (StorageFullException)
                {
                    break;
                }
            }
        }

        Assert.NotEmpty(added);
        File.Delete(Path.Combine(disk.Path, "filler"));
        await using var again = EmbeddedBackend.Open(options);
        Assert.Equal(added.Count, (await again.Database.ReadAsync(tx => tx.Accounts.FindAllAsync([.. added.Select(account => account.Id)]))).Count);
        Assert.True((await again.Database.WriteAsync<bool>(async tx => await tx.Accounts.AddAsync(Sample.Account("alice")))).Value);
    }

    /// <summary>
    /// The log's index grows by 32 KiB every 4,096 frames, the first time after 4,062 (https://sqlite.org/walformat.html#the_wal_index_file_format).
    /// The frames fit and the index does not: SQLite reports another error then.
    /// </summary>
    [FactWithTmpfs]
    public async Task A_disk_that_has_no_room_for_the_index_of_the_log_is_full_too()
    {
        const int frame = 24 + 4096;
        using var disk = Tmpfs.Mount("64m");
        var options = new EmbeddedOptions(disk.Path, Path.Combine(disk.Path, "mimu.db"), SyncEveryCommit: true);
        await using var backend = EmbeddedBackend.Open(options);
        await using var log = new WriteAheadLog(options.DatabasePath);
        var alice = Sample.Account("alice");
        var chat = Sample.Chat(ChatType.Group, alice);
        await backend.Database.WriteAsync<Done>(async tx =>
        {
            await tx.Accounts.AddAsync(alice);
            await tx.Chats.AddAsync(chat);
            return default(Done);
        });
        var touched = 0;
        while (LogLength() < 4000 * frame)
        {
            await TouchAsync();
        }
        FillUp(disk, leaving: 4062 * frame - LogLength() + 4 * frame);

        await Assert.ThrowsAsync<StorageFullException>(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await TouchAsync();
            }
        });

        Assert.Equal(4063 * frame + 32, LogLength());
        Assert.Equal(Sample.Now.AddSeconds(touched), await UpdatedAtAsync());
        File.Delete(Path.Combine(disk.Path, "filler"));
        await TouchAsync();
        Assert.Equal(Sample.Now.AddSeconds(touched), await UpdatedAtAsync());

        long LogLength() => new FileInfo(options.DatabasePath + "-wal").Length;

        // A change of one page: one frame.
        async Task TouchAsync()
        {
            await backend.Database.WriteAsync<Done>(async tx =>
            {
                await tx.Chats.TouchAsync(chat.Id, Sample.Now.AddSeconds(touched + 1), 7);
                return default(Done);
            });
            touched++;
        }

        Task<DateTimeOffset> UpdatedAtAsync() =>
            backend.Database.ReadAsync(async tx => (await tx.Chats.ViewAsync(chat.Id, alice.Id, Sample.Now))!.Chat.UpdatedAt).AsTask();
    }

    /// <summary>Takes what room there is, but for so many bytes.</summary>
    private static void FillUp(Tmpfs disk, long leaving)
    {
        using var filler = File.Create(Path.Combine(disk.Path, "filler"));
        filler.Write(new byte[new DriveInfo(disk.Path).AvailableFreeSpace - leaving]);
    }
}
