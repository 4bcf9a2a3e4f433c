using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Keys;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IKeyBackupStore"/>
internal sealed class KeyBackupStore(SqliteConnection connection) : IKeyBackupStore
{
    private const string FindSql = "SELECT backup, etag, updated_at FROM key_backups WHERE user_id = @userId";

    private const string PutSql = """
        INSERT INTO key_backups (user_id, etag, updated_at, backup) VALUES (@userId, @etag, @updatedAt, @backup)
        ON CONFLICT (user_id) DO UPDATE SET etag = excluded.etag, updated_at = excluded.updated_at, backup = excluded.backup
        """;

    private const string ReplaceSql =
        "UPDATE key_backups SET etag = @etag, updated_at = @updatedAt, backup = @backup WHERE user_id = @userId AND etag = @expected";

    private const string RemoveSql = "DELETE FROM key_backups WHERE user_id = @userId";

    public ValueTask<KeyBackup?> FindAsync(UserId user) =>
        new(connection.QueryFirstOrDefault<KeyBackupRow>(FindSql, new { userId = user.Blob() })?.ToBackup());

    public ValueTask<bool> ReplaceAsync(UserId user, KeyBackup backup, string? expected)
    {
        var (userId, etag, updatedAt, data) = (user.Blob(), backup.Etag, Columns.Milliseconds(backup.UpdatedAt), new Blob(backup.Data));
        return new(expected is null
            ? connection.Execute(PutSql, new { userId, etag, updatedAt, backup = data }) == 1
            : connection.Execute(ReplaceSql, new { userId, etag, updatedAt, backup = data, expected }) == 1);
    }

    public ValueTask<bool> RemoveAsync(UserId user) => new(connection.Execute(RemoveSql, new { userId = user.Blob() }) == 1);

    internal sealed record KeyBackupRow(byte[] Backup, string Etag, long UpdatedAt)
    {
        public KeyBackup ToBackup() => new(Backup, Etag, Columns.Time(UpdatedAt));
    }
}
