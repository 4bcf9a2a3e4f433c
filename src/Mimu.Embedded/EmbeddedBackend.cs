using System.Collections.Concurrent;
using Mimu.Core.Media;
using Mimu.Core.Storage;
using Mimu.Embedded.Blobs;
using Mimu.Embedded.PubSub;
using Mimu.Embedded.Sqlite;

namespace Mimu.Embedded;

/// <summary>The back end that needs nothing else: SQLite and in-process pub/sub. Disposing of it finishes what was begun and closes the files.</summary>
public sealed class EmbeddedBackend : IAsyncDisposable
{
    private readonly DataDirectoryLock _lock;
    private readonly DataDirectoryLock? _databaseLock;
    private readonly SqliteDatabase _database;
    private readonly LocalBlobStore? _blobs;
    private readonly ConcurrentBag<LocalBlobStore> _others = [];
    private readonly string _dataDirectory;

    private EmbeddedBackend(string dataDirectory, DataDirectoryLock directoryLock, DataDirectoryLock? databaseLock, LocalBlobStore? blobs, SqliteDatabase database, LocalPubSub pubSub)
    {
        _dataDirectory = dataDirectory;
        _lock = directoryLock;
        _databaseLock = databaseLock;
        _blobs = blobs;
        _database = database;
        PubSub = pubSub;
    }

    public IDatabase Database => _database;

    public IPubSub PubSub { get; }

    /// <summary>Files on the local disk; null if they are kept elsewhere.</summary>
    public IBlobStore? Blobs => _blobs;

    /// <summary>Takes the data directory for this process, brings the database up to this program's schema and opens it.</summary>
    /// <param name="options">Where, and how safely.</param>
    /// <param name="clock">Measures how far the writer is behind; null for the system's.</param>
    /// <exception cref="StorageRefusedException">One sentence says why it can't be opened; nothing was changed.</exception>
    public static EmbeddedBackend Open(EmbeddedOptions options, TimeProvider? clock = null)
    {
        var directoryLock = DataDirectoryLock.Take(options.DataDirectory);
        DataDirectoryLock? databaseLock = null;
        LocalBlobStore? blobs = null;
        try
        {
            databaseLock = DataDirectoryLock.TakeElsewhere(options.DatabasePath, options.DataDirectory);
            blobs = options.BlobsDirectory is { } directory ? LocalBlobStore.Open(directory, options.DataDirectory) : null;
            var pubSub = new LocalPubSub();
            return new EmbeddedBackend(options.DataDirectory, directoryLock, databaseLock, blobs, SqliteDatabase.Open(options.DatabasePath, options.SyncEveryCommit, pubSub, clock), pubSub);
        }
        catch
        {
            blobs?.Dispose();
            databaseLock?.Dispose();
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>Another directory of files on the local disk than <see cref="Blobs"/>, for as long as this back end is open; copying needs two stores.</summary>
    /// <exception cref="StorageRefusedException">It can't be written, or another process has it.</exception>
    public IBlobStore OpenBlobs(string directory)
    {
        var store = LocalBlobStore.Open(directory, _dataDirectory);
        _others.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        foreach (var store in _others)
        {
            store.Dispose();
        }
        _blobs?.Dispose();
        _databaseLock?.Dispose();
        _lock.Dispose();
    }
}
