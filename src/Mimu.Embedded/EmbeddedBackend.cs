using Mimu.Core.Storage;
using Mimu.Embedded.PubSub;
using Mimu.Embedded.Sqlite;

namespace Mimu.Embedded;

/// <summary>The back end that needs nothing else: SQLite and in-process pub/sub. Disposing of it finishes what was begun and closes the files.</summary>
public sealed class EmbeddedBackend : IAsyncDisposable
{
    private readonly DataDirectoryLock _lock;
    private readonly SqliteDatabase _database;

    private EmbeddedBackend(DataDirectoryLock directoryLock, SqliteDatabase database, LocalPubSub pubSub)
    {
        _lock = directoryLock;
        _database = database;
        PubSub = pubSub;
    }

    public IDatabase Database => _database;

    public IPubSub PubSub { get; }

    /// <summary>Takes the data directory for this process, brings the database up to this program's schema and opens it.</summary>
    /// <exception cref="StorageRefusedException">One sentence says why it can't be opened; nothing was changed.</exception>
    public static EmbeddedBackend Open(EmbeddedOptions options)
    {
        var directoryLock = DataDirectoryLock.Take(options.DataDirectory);
        try
        {
            var pubSub = new LocalPubSub();
            return new EmbeddedBackend(directoryLock, SqliteDatabase.Open(options.DatabasePath, options.SyncEveryCommit, pubSub), pubSub);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _lock.Dispose();
    }
}
