using System.Globalization;
using Microsoft.Data.Sqlite;
using Mimu.Core.Storage;
using SQLitePCL;

namespace Mimu.Embedded.Sqlite;

/// <summary>Opens connections the way the writer and the readers need them.</summary>
internal static class SqliteConnections
{
    /// <summary>How long a connection waits for another process, such as an administrator's shell, in milliseconds.</summary>
    private const int BusyTimeout = 5_000;

    /// <summary>How long the log's emptying may hold up the writer, in milliseconds.</summary>
    private const int EmptyLogTimeout = 250;

    /// <summary>What stays of the write-ahead log after a checkpoint, in bytes.</summary>
    private const int JournalSizeLimit = 64 * 1024 * 1024;

    /// <summary>
    /// A connection here serves one thread after another, never two at once, so SQLite need not lock it; nor need it count memory, under one more lock
    /// (https://sqlite.org/threadsafe.html, https://sqlite.org/c3ref/c_config_covering_index_scan.html).
    /// </summary>
    static SqliteConnections()
    {
        Batteries_V2.Init();
        raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    /// <summary>The one connection that writes, with the schema brought up to date.</summary>
    /// <exception cref="StorageRefusedException">It can't be opened, for a reason that the administrator can mend.</exception>
    public static SqliteConnection OpenWriter(string path, bool syncEveryCommit)
    {
        SqliteConnection? connection = null;
        try
        {
            connection = Open(path, SqliteOpenMode.ReadWriteCreate);
            // First of all, so that a database that is refused stays as it is: the journal mode is written into the file.
            Migrator.RefuseNewer(connection, path);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, syncEveryCommit ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_size_limit = {JournalSizeLimit}"));
            // What is erased is overwritten (https://sqlite.org/pragma.html#pragma_secure_delete).
            Execute(connection, "PRAGMA secure_delete = ON");
            Migrator.Migrate(connection);
            return connection;
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            throw SqliteFaults.IsDamage(e)
                ? new StorageRefusedException(StorageRefusal.Damaged, $"{path} is not a database, or a damaged one: {e.Message}", e)
                : new StorageRefusedException(StorageRefusal.NotWritable, $"The database {path} can't be opened: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new StorageRefusedException(StorageRefusal.NotWritable, $"The database {path} can't be written: {e.Message}", e);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Brings the write-ahead log into the database and empties it (https://sqlite.org/pragma.html#pragma_wal_checkpoint), over a connection of its own, so that
    /// the writer goes on. Somebody who reads for long puts it off until the next time.
    /// </summary>
    public static void EmptyLog(string path)
    {
        using var connection = Open(path, SqliteOpenMode.ReadWrite);
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {EmptyLogTimeout}"));
        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>A connection that only reads. SQLite itself refuses to write through it.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadOnly);
        Execute(connection, "PRAGMA query_only = ON");
        return connection;
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {BusyTimeout}"));
        Execute(connection, "PRAGMA foreign_keys = ON");
        Execute(connection, "PRAGMA temp_store = MEMORY");
        return connection;
    }

    private static void Execute(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every pragma is a constant of this class
        command.CommandText = pragma;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
