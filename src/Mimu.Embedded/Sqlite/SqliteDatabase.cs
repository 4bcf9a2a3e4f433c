using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Mimu.Core;
using Mimu.Core.Storage;

namespace Mimu.Embedded.Sqlite;

/// <summary>SQLite in WAL mode: one writer with group commit, and readers that never wait for it.</summary>
internal sealed class SqliteDatabase : IDatabase, IAsyncDisposable
{
    /// <summary>Readers run on the threads of their callers; more than these would only take the cores from each other.</summary>
    private static readonly int _maxReaders = Math.Max(4, Environment.ProcessorCount * 2);

    private readonly string _path;
    private readonly StoreTransaction _writing;
    private readonly SqliteWriter _writer;
    private readonly ConcurrentBag<StoreTransaction> _idleReaders = [];
    private readonly SemaphoreSlim _readers = new(_maxReaders);
    private bool _closed;
    private bool _isDisposed;

    private SqliteDatabase(string path, SqliteConnection connection, IPubSub pubSub, TimeProvider clock)
    {
        _path = path;
        _writing = new StoreTransaction(connection, new MembershipCache());
        _writer = new SqliteWriter(_writing, pubSub, clock);
    }

    /// <param name="path">The file.</param>
    /// <param name="syncEveryCommit">Whether a commit is on the disk when it is answered.</param>
    /// <param name="pubSub">Who is told what was committed.</param>
    /// <param name="clock">Measures how far the writer is behind; null for the system's.</param>
    /// <exception cref="StorageRefusedException">It can't be opened; the sentence says why.</exception>
    public static SqliteDatabase Open(string path, bool syncEveryCommit, IPubSub pubSub, TimeProvider? clock = null) =>
        new(path, SqliteConnections.OpenWriter(path, syncEveryCommit), pubSub, clock ?? TimeProvider.System);

    public async ValueTask<T> ReadAsync<T>(Func<ITransaction, ValueTask<T>> read, CancellationToken cancellation)
    {
        await _readers.WaitAsync(cancellation);
        try
        {
            return _closed ? throw new StorageUnavailableException("The database is closed.") : Read(read);
        }
        catch (SqliteException e) when (SqliteFaults.IsOfSurroundings(e))
        {
            throw SqliteFaults.Translate(e);
        }
        finally
        {
            _readers.Release();
        }
    }

    public ValueTask<Result<T>> WriteAsync<T>(Func<ITransaction, ValueTask<Result<T>>> write, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Result<T>>(cancellation);
        }
        var job = new WriteJob<T>(write, cancellation);
        try
        {
            _writer.Enqueue(job);
        }
        catch (Exception e) when (e is StorageUnavailableException or StorageBusyException)
        {
            return ValueTask.FromException<Result<T>>(e);
        }
        return job.Answer;
    }

    public async ValueTask ScrubAsync(CancellationToken cancellation)
    {
        // Takes a reader's place, so that closing waits for it.
        await _readers.WaitAsync(cancellation);
        try
        {
            if (_closed)
            {
                throw new StorageUnavailableException("The database is closed.");
            }
            SqliteConnections.EmptyLog(_path);
        }
        catch (SqliteException e) when (SqliteFaults.IsOfSurroundings(e))
        {
            throw SqliteFaults.Translate(e);
        }
        finally
        {
            _readers.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }
        _writer.Dispose();
        for (var i = 0; i < _maxReaders; i++)
        {
            await _readers.WaitAsync();
        }
        _closed = true;
        foreach (var reader in _idleReaders)
        {
            reader.Dispose();
        }
        _writing.Dispose();
        _readers.Release(_maxReaders);
    }

    private T Read<T>(Func<ITransaction, ValueTask<T>> read)
    {
        if (!_idleReaders.TryTake(out var reader))
        {
            reader = new StoreTransaction(SqliteConnections.OpenReader(_path));
        }
        try
        {
            reader.BeginRead();
            return StoreWork.Run(read(reader));
        }
        finally
        {
            reader.Rollback();
            _idleReaders.Add(reader);
        }
    }
}
