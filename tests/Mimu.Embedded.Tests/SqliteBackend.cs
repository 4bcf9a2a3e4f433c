using Mimu.Core;
using Mimu.Core.Storage;
using Mimu.Embedded.PubSub;
using Mimu.Embedded.Sqlite;
using Mimu.Specification;

namespace Mimu.Embedded.Tests;

/// <summary>The embedded back end as it is shipped, on a file of its own.</summary>
internal sealed class SqliteBackend : IBackendUnderTest
{
    /// <summary>A fresh database, migrated once for all tests.</summary>
    private static readonly Lazy<Task<byte[]>> _template = new(MakeTemplateAsync);

    private readonly TemporaryDirectory _directory;
    private readonly EmbeddedBackend _backend;
    private bool _isClosed;

    private SqliteBackend(TemporaryDirectory directory, TimeProvider? clock)
    {
        _directory = directory;
        _backend = EmbeddedBackend.Open(directory.Options, clock);
    }

    public IDatabase Database => _backend.Database;

    public IPubSub PubSub => _backend.PubSub;

    public string DatabasePath => _directory.DatabasePath;

    public string DataDirectory => _directory.Path;

    public static async ValueTask<SqliteBackend> OpenAsync(TimeProvider? clock = null)
    {
        var directory = new TemporaryDirectory();
        await CloneTemplateAsync(directory.DatabasePath);
        return new SqliteBackend(directory, clock);
    }

    public static async Task CloneTemplateAsync(string path) => await File.WriteAllBytesAsync(path, await _template.Value);

    public async ValueTask BuryAsync(MessageId id)
    {
        await using var connection = SqliteFiles.Open(DatabasePath);
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE messages SET is_deleted = 1, payload = x'' WHERE message_id = @id";
        command.Parameters.AddWithValue("@id", Columns.Bytes(id.Value));
        if (await command.ExecuteNonQueryAsync() != 1)
        {
            throw new ArgumentException($"There is no message {id}.", nameof(id));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        if (!_isClosed)
        {
            _isClosed = true;
            _directory.Dispose();
        }
    }

    private static async Task<byte[]> MakeTemplateAsync()
    {
        using var directory = new TemporaryDirectory();
        await SqliteDatabase.Open(directory.DatabasePath, syncEveryCommit: true, new LocalPubSub()).DisposeAsync();
        return await File.ReadAllBytesAsync(directory.DatabasePath);
    }
}
