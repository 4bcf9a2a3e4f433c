using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Embedded.Sqlite;
using Mimu.Specification;
using Xunit;

namespace Mimu.Embedded.Tests;

public sealed class PragmaTests : IDisposable
{
    /// <summary>https://sqlite.org/pragma.html#pragma_synchronous.</summary>
    private const long Normal = 1;

    /// <inheritdoc cref="Normal"/>
    private const long Full = 2;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true, Full)]
    [InlineData(false, Normal)]
    public void The_writer_logs_ahead_and_syncs_as_it_is_told(bool syncEveryCommit, long expected)
    {
        using var writer = SqliteConnections.OpenWriter(_directory.DatabasePath, syncEveryCommit);

        Assert.Equal("wal", writer.Text("PRAGMA journal_mode"));
        Assert.Equal(expected, writer.Number("PRAGMA synchronous"));
        Assert.NotEqual(0, writer.Number("PRAGMA wal_autocheckpoint"));
    }

    [Fact]
    public void Both_wait_for_an_administrators_shell_and_sort_in_memory()
    {
        using var writer = SqliteConnections.OpenWriter(_directory.DatabasePath, syncEveryCommit: true);
        using var reader = SqliteConnections.OpenReader(_directory.DatabasePath);

        foreach (var connection in (SqliteConnection[])[writer, reader])
        {
            Assert.Equal(5000, connection.Number("PRAGMA busy_timeout"));
            Assert.Equal(2, connection.Number("PRAGMA temp_store"));
            Assert.Equal(1, connection.Number("PRAGMA foreign_keys"));
        }
    }

    [Fact]
    public async Task A_row_without_its_owner_is_refused()
    {
        await using var backend = await SqliteBackend.OpenAsync();

        await Assert.ThrowsAsync<SqliteException>(async () => await backend.Database.WriteAsync<Done>(async tx =>
        {
            await tx.Devices.AddAsync(Sample.Device(Ids.NewUserId()));
            return default(Done);
        }));
    }

    [Fact]
    public void A_reader_writes_nothing_whatever_it_is_told()
    {
        using var writer = SqliteConnections.OpenWriter(_directory.DatabasePath, syncEveryCommit: true);
        using var reader = SqliteConnections.OpenReader(_directory.DatabasePath);

        foreach (var sql in (string[])["UPDATE stream SET position = 9", "DELETE FROM stream", "CREATE TABLE t (a)", "PRAGMA user_version = 9"])
        {
            Assert.Throws<SqliteException>(() => reader.Run(sql));
        }
        Assert.Equal(0, writer.Number("SELECT position FROM stream"));
    }

    [Fact]
    public async Task Another_program_reads_the_database_while_it_is_open_and_sees_what_is_committed()
    {
        await using var backend = await SqliteBackend.OpenAsync();
        await backend.Database.WriteAsync<bool>(async tx => await tx.Accounts.AddAsync(Sample.Account("alice")));

        using var shell = SqliteFiles.Open(backend.DatabasePath);

        Assert.Equal(["alice"], shell.Lines("SELECT public_id FROM accounts"));
    }
}
