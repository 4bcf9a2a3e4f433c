using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Embedded.Sqlite;

/// <summary>
/// The one thread that writes, over the one connection that may. It takes all work that waits, runs it within one transaction,
/// and commits once: under load, hundreds share a sync (group commit). Nobody is answered before that commit.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    /// <summary>The most pieces of one batch, so that the first of them does not wait too long for the last.</summary>
    private const int MaxBatch = 1024;

    /// <summary>How many callers one work item of the pool wakes: few enough for both cores, enough to pay for the hand-over.</summary>
    private const int WakeAtOnce = 32;

    /// <summary>Who comes when the oldest work has waited longer than this is sent away, so that what waits can't grow without end.</summary>
    private static readonly TimeSpan _maxWait = TimeSpan.FromSeconds(1);

    private readonly StoreTransaction _transaction;
    private readonly IPubSub _pubSub;
    private readonly TimeProvider _clock;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly List<Publication> _published = [];
    private List<WriteJob> _waiting = [];

    // When the oldest work of each began to wait (the clock's ticks); null for none.
    private long? _waitingSince;
    private long? _runningSince;
    private bool _closed;

    public SqliteWriter(StoreTransaction transaction, IPubSub pubSub, TimeProvider clock)
    {
        _transaction = transaction;
        _pubSub = pubSub;
        _clock = clock;
        _thread = new Thread(Loop) { Name = "mimu-writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Has the work done after all that waits already.</summary>
    /// <exception cref="StorageUnavailableException">The database is closed.</exception>
    /// <exception cref="StorageBusyException">What waits has waited for too long.</exception>
    public void Enqueue(WriteJob job)
    {
        var now = _clock.GetTimestamp();
        lock (_gate)
        {
            if (_closed)
            {
                throw new StorageUnavailableException("The database is closed.");
            }
            if ((_runningSince ?? _waitingSince) is { } oldest && _clock.GetElapsedTime(oldest, now) > _maxWait)
            {
                throw new StorageBusyException();
            }
            _waiting.Add(job);
            if (_waiting.Count == 1)
            {
                _waitingSince = now;
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Takes no more work, finishes what waits, and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
    }

    private void Loop()
    {
        List<WriteJob> batch = [];
        while (Take(ref batch))
        {
            for (var start = 0; start < batch.Count; start += MaxBatch)
            {
                RunBatch(batch.GetRange(start, Math.Min(MaxBatch, batch.Count - start)));
            }
            batch.Clear();
        }
    }

    private bool Take(ref List<WriteJob> batch)
    {
        lock (_gate)
        {
            _runningSince = null;
            while (_waiting.Count == 0)
            {
                if (_closed)
                {
                    return false;
                }
                Monitor.Wait(_gate);
            }
            (batch, _waiting) = (_waiting, batch);
            (_runningSince, _waitingSince) = (_waitingSince, null);
            return true;
        }
    }

    private void RunBatch(List<WriteJob> batch)
    {
        try
        {
            if (!TryRunTogether(batch))
            {
                RunApart(batch);
            }
        }
        catch (Exception e)
        {
            GiveUp(batch, e is SqliteException fault ? SqliteFaults.Translate(fault) : e);
        }
        foreach (var job in batch)
        {
            _published.AddRange(job.Published);
        }
        _pubSub.Publish(_published);
        _published.Clear();
        for (var start = 0; start < batch.Count; start += WakeAtOnce)
        {
            ThreadPool.UnsafeQueueUserWorkItem(new Waking(batch, start, Math.Min(start + WakeAtOnce, batch.Count)), preferLocal: false);
        }
    }

    /// <summary>
    /// Runs all pieces one after the other and commits. False when one of them has to be undone: work refuses before it writes, but for the rarest, so it does not
    /// pay to make each piece one that can be undone alone. The whole batch is undone then, and its work, which may be run again (docs/adr/0002), is.
    /// </summary>
    private bool TryRunTogether(List<WriteJob> batch)
    {
        _transaction.BeginWrite();
        foreach (var job in batch)
        {
            var before = _transaction.TotalChanges;
            _transaction.RememberPlaces();
            try
            {
                var isOk = job.Run(_transaction);
                job.Published = _transaction.TakePublished();
                if (isOk)
                {
                    continue;
                }
                job.Published = [];
            }
            catch (Exception e) when (e is not SqliteException fault || !SqliteFaults.IsOfSurroundings(fault))
            {
                if (_transaction.IsLost)
                {
                    ExceptionDispatchInfo.Throw(e);
                }
                _transaction.TakePublished();
                job.Fail(e);
            }
            if (_transaction.TotalChanges != before)
            {
                _transaction.Rollback();
                return false;
            }
            // It may have taken places in the stream for what it then did not write.
            _transaction.GiveBackPlaces();
        }
        _transaction.Commit();
        return true;
    }

    /// <summary>The same with a savepoint for each piece, so that one can be undone without the others.</summary>
    private void RunApart(List<WriteJob> batch)
    {
        _transaction.BeginWrite();
        foreach (var job in batch)
        {
            job.Fail(null);
            job.Published = [];
            RunOne(job);
        }
        _transaction.Commit();
    }

    private void RunOne(WriteJob job)
    {
        _transaction.BeginWork();
        try
        {
            if (job.Run(_transaction))
            {
                job.Published = _transaction.TakePublished();
                _transaction.KeepWork();
            }
            else
            {
                _transaction.UndoWork();
            }
        }
        catch (Exception e) when (e is not SqliteException fault || !SqliteFaults.IsOfSurroundings(fault))
        {
            // A bug in one piece of work; the others of the batch have nothing to do with it.
            if (_transaction.IsLost)
            {
                ExceptionDispatchInfo.Throw(e);
            }
            _transaction.UndoWork();
            job.Fail(e);
        }
    }

    /// <summary>Nothing of the batch is on disk, and each caller is told so.</summary>
    private void GiveUp(List<WriteJob> batch, Exception reason)
    {
        foreach (var job in batch)
        {
            job.Published = [];
            job.Fail(reason);
        }
        try
        {
            _transaction.Rollback();
        }
        catch (SqliteException)
        {
            // The disk that failed the batch failed its undoing too. SQLite undoes it from the log at the next BEGIN, or at the next start.
        }
    }

    /// <summary>Completes some of a batch, one after the other, so that a batch goes from thread to thread and not a message.</summary>
    private sealed class Waking(List<WriteJob> batch, int start, int end) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            for (var i = start; i < end; i++)
            {
                batch[i].Complete();
            }
        }
    }
}
