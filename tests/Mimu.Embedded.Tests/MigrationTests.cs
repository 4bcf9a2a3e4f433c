using System.Globalization;
using Mimu.Core.Chats;
using Mimu.Core.Storage;
using Mimu.Embedded.PubSub;
using Mimu.Embedded.Sqlite;
using Mimu.Specification;
using Xunit;

namespace Mimu.Embedded.Tests;

public sealed class MigrationTests : IDisposable
{
    private const string Tables = "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master ORDER BY name";

    private readonly TemporaryDirectory _directory = new();

    private string Path => _directory.DatabasePath;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_fresh_database_has_the_latest_schema()
    {
        await OpenAndCloseAsync();

        using var connection = SqliteFiles.Open(Path);
        Assert.NotEqual(0, Migrator.Latest);
        Assert.Equal(Migrator.Latest, connection.Number("PRAGMA user_version"));
        Assert.Equal("ok", connection.Text("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task A_database_that_is_opened_again_stays_as_it_is()
    {
        await OpenAndCloseAsync();
        var (before, epoch) = Look();

        await OpenAndCloseAsync();

        Assert.Equal((before, epoch), Look());

        (string, long) Look()
        {
            using var connection = SqliteFiles.Open(Path);
            return (string.Join('\n', connection.Lines(Tables)), connection.Number("SELECT epoch FROM stream"));
        }
    }

    [Fact]
    public async Task Two_fresh_databases_have_different_epochs()
    {
        using var other = new TemporaryDirectory();
        await OpenAndCloseAsync();
        await OpenAndCloseAsync(other.DatabasePath);

        using var first = SqliteFiles.Open(Path);
        using var second = SqliteFiles.Open(other.DatabasePath);
        Assert.NotEqual(first.Number("SELECT epoch FROM stream"), second.Number("SELECT epoch FROM stream"));
    }

    /// <summary>In the journal mode that Mimu leaves it in, and in the one that a restored copy has (VACUUM INTO).</summary>
    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_database_of_a_newer_program_is_refused_and_left_untouched(string journalMode)
    {
        await OpenAndCloseAsync();
        using (var connection = SqliteFiles.Open(Path))
        {
            connection.Run($"PRAGMA user_version = {(Migrator.Latest + 1).ToString(CultureInfo.InvariantCulture)}");
            connection.Run("CREATE TABLE of_the_newer_program (id INTEGER PRIMARY KEY)");
            Assert.Equal(journalMode, connection.Text($"PRAGMA journal_mode = {journalMode}"));
        }
        var before = await File.ReadAllBytesAsync(Path);

        var refused = Assert.Throws<StorageRefusedException>(Open);

        Assert.Equal(StorageRefusal.TooNew, refused.Reason);
        Assert.Contains(Path, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path));
        Assert.Equal([Path], Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_migration_that_fails_leaves_nothing_of_itself()
    {
        using (var connection = SqliteFiles.Open(Path))
        {
            connection.Run("CREATE TABLE chats (id INTEGER PRIMARY KEY)");
        }

        Assert.Throws<StorageRefusedException>(Open);

        using var after = SqliteFiles.Open(Path);
        Assert.Equal(["chats"], after.Lines("SELECT name FROM sqlite_master"));
        Assert.Equal(0, after.Number("PRAGMA user_version"));
    }

    [Fact]
    public async Task Messages_of_before_erasing_in_place_are_what_they_were()
    {
        var (alice, chat) = (Sample.Account("alice"), Sample.Chat(ChatType.Group, Sample.Account("bob")));
        var messages = Enumerable.Range(1, 4).Select(i => Sample.Message(chat.Id, alice.Id, [(byte)i, 9]) with
        {
            Position = i,
            ExpiresAt = i == 2 ? Sample.Now.AddDays(1) : null,
            EditedAt = i > 2 ? Sample.Now.AddSeconds(i) : null,
            IsDeleted = i == 4,
        }).ToList();
        messages[3] = messages[3] with { Payload = [] };
        using (var connection = SqliteFiles.Open(Path))
        {
            Migrator.Migrate(connection, until: 5);
            connection.Run($"""
                INSERT INTO chats (chat_id, type, created_by, created_at, updated_at, membership_version) VALUES ({Hex(chat.Id.Value)}, 2, x'00', 0, 0, 1);
                UPDATE stream SET position = 6;
                """);
            foreach (var one in messages)
            {
                connection.Run(string.Create(CultureInfo.InvariantCulture, $"""
                    INSERT INTO messages (position, message_id, chat_id, sender_id, sender_device_id, type, created_at, expires_at, deleted_at, edited_at, edited_position, payload)
                    VALUES ({one.Position}, {Hex(one.Id.Value)}, {Hex(chat.Id.Value)}, {Hex(alice.Id.Value)}, 1, 'text', {Columns.Milliseconds(Sample.Now)},
                            {Columns.Milliseconds(one.ExpiresAt)?.ToString(CultureInfo.InvariantCulture) ?? "NULL"}, {(one.IsDeleted ? "7" : "NULL")},
                            {Columns.Milliseconds(one.EditedAt)?.ToString(CultureInfo.InvariantCulture) ?? "NULL"}, {(one.EditedAt is null ? "NULL" : $"{one.Position + 2}")},
                            x'{Convert.ToHexString(one.Payload)}')
                    """));
            }
        }

        await using var database = SqliteDatabase.Open(Path, syncEveryCommit: true, new LocalPubSub());

        foreach (var one in messages)
        {
            Alike.Equal(one, await database.ReadAsync(tx => tx.Messages.FindAsync(one.Id), default));
        }
        using var after = SqliteFiles.Open(Path);
        Assert.Equal(["5 3 0309", "6 4 "], after.Lines("SELECT position || ' ' || message_position || ' ' || hex(payload) FROM edits"));
        Assert.Equal("ok", after.Text("PRAGMA integrity_check"));
        Assert.Empty(after.Lines("PRAGMA foreign_key_check"));

        static string Hex(Guid id) => $"x'{Convert.ToHexString(Columns.Bytes(id))}'";
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_untouched()
    {
        var text = string.Concat(Enumerable.Repeat("This is a letter and no database.\n", 500));
        await File.WriteAllTextAsync(Path, text);

        var refused = Assert.Throws<StorageRefusedException>(Open);

        Assert.Equal(StorageRefusal.Damaged, refused.Reason);
        Assert.Contains(Path, refused.Message, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(Path));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(5000)]
    public async Task A_database_that_was_cut_off_is_refused(int length)
    {
        await OpenAndCloseAsync();
        await File.WriteAllBytesAsync(Path, (await File.ReadAllBytesAsync(Path))[..length]);

        Assert.Equal(StorageRefusal.Damaged, Assert.Throws<StorageRefusedException>(Open).Reason);
    }

    [Fact]
    public async Task A_database_whose_schema_is_garbage_is_refused()
    {
        await OpenAndCloseAsync();
        var bytes = await File.ReadAllBytesAsync(Path);
        bytes.AsSpan(100, 3000).Fill(0xA5);
        await File.WriteAllBytesAsync(Path, bytes);

        Assert.Equal(StorageRefusal.Damaged, Assert.Throws<StorageRefusedException>(Open).Reason);
    }

    private void Open() => SqliteConnections.OpenWriter(Path, syncEveryCommit: true).Dispose();

    private async Task OpenAndCloseAsync(string? path = null) => await SqliteDatabase.Open(path ?? Path, syncEveryCommit: true, new LocalPubSub()).DisposeAsync();
}
