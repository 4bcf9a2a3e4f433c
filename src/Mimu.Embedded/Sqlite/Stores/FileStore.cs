using Dapper;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Media;

namespace Mimu.Embedded.Sqlite.Stores;

/// <inheritdoc cref="IFileStore"/>
internal sealed class FileStore(SqliteConnection connection) : IFileStore
{
    // States are FileState: 0 requested, 1 finished, 2 removed.
    private const string AddSql = """
        INSERT INTO files (file_key, user_id, size, content_type, sha256, state, created_at, upload_until)
        VALUES (@key, @userId, @size, @contentType, @sha256, @state, @createdAt, @uploadUntil)
        """;

    private const string FindSql = "SELECT file_key, user_id, size, content_type, sha256, state, created_at, upload_until FROM files WHERE file_key = @key";

    private const string SumFinishedSql = "SELECT COALESCE((SELECT bytes FROM file_totals WHERE user_id = @userId), 0)";

    private const string SumRequestedSql = "SELECT COALESCE(SUM(size), 0) FROM files WHERE user_id = @userId AND state = 0";

    private const string SumRevokedSql = "SELECT COALESCE(SUM(size), 0) FROM files WHERE user_id = @userId AND state = 2 AND upload_until >= @now";

    private const string CountSql = """
        SELECT COALESCE(SUM(state = 1), 0) AS finished, COALESCE(SUM(size) FILTER (WHERE state = 1), 0) AS finished_bytes,
               COALESCE(SUM(state = 0), 0) AS requested, COALESCE(SUM(size) FILTER (WHERE state = 0), 0) AS requested_bytes,
               COALESCE(SUM(state = 2 AND is_erased = 0), 0) AS removed, COALESCE(SUM(size) FILTER (WHERE state = 2 AND is_erased = 0), 0) AS removed_bytes,
               COUNT(DISTINCT user_id) FILTER (WHERE state = 1) AS owners
        FROM files
        """;

    private const string CountOlderSql = "SELECT count(*) FROM files WHERE state = 1 AND created_at < @before";

    private const string FinishSql = "UPDATE files SET state = 1, sha256 = COALESCE(@sha256, sha256) WHERE file_key = @key AND state = 0";

    private const string NoteChecksumSql = "UPDATE files SET sha256 = @sha256 WHERE file_key = @key AND state = 1 AND sha256 IS NULL";

    private const string RemoveSql = "UPDATE files SET state = 2 WHERE file_key = @key AND state <> 2";

    private const string RemoveAllSql = "UPDATE files SET state = 2 WHERE user_id = @userId AND state IN (0, 1)";

    private const string RemoveOlderSql =
        "UPDATE files SET state = 2 WHERE file_key IN (SELECT file_key FROM files WHERE state = 1 AND created_at < @before ORDER BY created_at LIMIT @limit)";

    private const string ListOverdueSql = """
        SELECT file_key, user_id, size, content_type, sha256, state, created_at, upload_until FROM files INDEXED BY files_requested
        WHERE state = 0 AND file_key > @after AND upload_until < @before ORDER BY file_key LIMIT @limit
        """;

    private const string ListOverdueOfSql = """
        SELECT file_key, user_id, size, content_type, sha256, state, created_at, upload_until FROM files
        WHERE user_id = @userId AND state = 0 AND upload_until < @before ORDER BY upload_until LIMIT @limit
        """;

    private const string ListFinishedSql = "SELECT file_key FROM files WHERE file_key > @after AND state = 1 ORDER BY file_key LIMIT @limit";

    private const string ListRemovedSql = """
        SELECT file_key FROM files INDEXED BY files_removed
        WHERE state = 2 AND file_key > @after AND (is_erased = 0 OR upload_until < @now) ORDER BY file_key LIMIT @limit
        """;

    private const string ForgetSql = "DELETE FROM files WHERE file_key = @key AND state = 2 AND upload_until < @now";

    private const string ErasedSql = "UPDATE files SET is_erased = 1 WHERE file_key = @key AND state = 2";

    public ValueTask AddAsync(MediaFile file)
    {
        connection.Execute(AddSql, new
        {
            key = file.Key.ToString(),
            userId = file.Owner.Blob(),
            size = file.Size,
            contentType = file.ContentType,
            sha256 = new Blob(file.Sha256),
            state = (int)file.State,
            createdAt = Columns.Milliseconds(file.CreatedAt),
            uploadUntil = Columns.Milliseconds(file.UploadUntil),
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<MediaFile?> FindAsync(FileKey key) => new(connection.QueryFirstOrDefault<FileRow>(FindSql, new { key = key.ToString() })?.ToFile());

    public ValueTask<long> SumFinishedAsync(UserId owner) => new(connection.QueryFirst<long>(SumFinishedSql, new { userId = owner.Blob() }));

    public ValueTask<long> SumCountedAsync(UserId owner) => new(
        connection.QueryFirst<long>(SumFinishedSql, new { userId = owner.Blob() }) + connection.QueryFirst<long>(SumRequestedSql, new { userId = owner.Blob() }));

    public ValueTask<long> SumRevokedAsync(UserId owner, DateTimeOffset now) =>
        new(connection.QueryFirst<long>(SumRevokedSql, new { userId = owner.Blob(), now = Columns.Milliseconds(now) }));

    public ValueTask<FileCounts> CountAsync() => new(connection.QueryFirst<CountsRow>(CountSql).ToCounts());

    public ValueTask<long> CountOlderAsync(DateTimeOffset before) => new(connection.QueryFirst<long>(CountOlderSql, new { before = Columns.Milliseconds(before) }));

    public ValueTask<bool> FinishAsync(FileKey key, byte[]? sha256) => new(connection.Execute(FinishSql, new { key = key.ToString(), sha256 = new Blob(sha256) }) == 1);

    public ValueTask NoteChecksumAsync(FileKey key, byte[] sha256)
    {
        connection.Execute(NoteChecksumSql, new { key = key.ToString(), sha256 = new Blob(sha256) });
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(FileKey key) => new(connection.Execute(RemoveSql, new { key = key.ToString() }) == 1);

    public ValueTask<int> RemoveAllAsync(UserId owner) => new(connection.Execute(RemoveAllSql, new { userId = owner.Blob() }));

    public ValueTask<int> RemoveOlderAsync(DateTimeOffset before, int limit) =>
        new(connection.Execute(RemoveOlderSql, new { before = Columns.Milliseconds(before), limit }));

    public ValueTask<IReadOnlyList<MediaFile>> ListOverdueAsync(DateTimeOffset before, FileKey? after, int limit) =>
        new([.. connection.Query<FileRow>(ListOverdueSql, new { before = Columns.Milliseconds(before), after = After(after), limit }).Select(row => row.ToFile())]);

    public ValueTask<IReadOnlyList<MediaFile>> ListOverdueOfAsync(UserId owner, DateTimeOffset before, int limit) =>
        new([.. connection.Query<FileRow>(ListOverdueOfSql, new { userId = owner.Blob(), before = Columns.Milliseconds(before), limit }).Select(row => row.ToFile())]);

    public ValueTask<IReadOnlyList<FileKey>> ListFinishedAsync(FileKey? after, int limit) =>
        new([.. connection.Query<string>(ListFinishedSql, new { after = After(after), limit }).Select(Key)]);

    public ValueTask<IReadOnlyList<FileKey>> ListRemovedAsync(DateTimeOffset now, FileKey? after, int limit) =>
        new([.. connection.Query<string>(ListRemovedSql, new { now = Columns.Milliseconds(now), after = After(after), limit }).Select(Key)]);

    public ValueTask<bool> ErasedAsync(FileKey key, DateTimeOffset now) => new(
        connection.Execute(ForgetSql, new { key = key.ToString(), now = Columns.Milliseconds(now) }) == 1 || connection.Execute(ErasedSql, new { key = key.ToString() }) == 1);

    private static string After(FileKey? key) => key?.ToString() ?? "";

    private static FileKey Key(string column) => FileKey.TryParse(column, out var key) ? key : throw new InvalidDataException("The table of files has a key that is none.");

    internal sealed record FileRow(string FileKey, byte[] UserId, long Size, string ContentType, byte[]? Sha256, long State, long CreatedAt, long UploadUntil)
    {
        public MediaFile ToFile() => new(Key(FileKey), new UserId(Columns.Id(UserId)), Size, ContentType, Sha256, (FileState)State, Columns.Time(CreatedAt), Columns.Time(UploadUntil));
    }

    internal sealed record CountsRow(long Finished, long FinishedBytes, long Requested, long RequestedBytes, long Removed, long RemovedBytes, long Owners)
    {
        public FileCounts ToCounts() => new(Finished, FinishedBytes, Requested, RequestedBytes, Removed, RemovedBytes) { Owners = Owners };
    }
}
