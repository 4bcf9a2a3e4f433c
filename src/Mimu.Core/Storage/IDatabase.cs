namespace Mimu.Core.Storage;

/// <summary>
/// The one way to durable state. A piece of work is a closure over an <see cref="ITransaction"/>; it has no effects outside of it, so that
/// a back end may run it again (a specification runs each twice). See docs/adr/0002.
/// </summary>
public interface IDatabase
{
    /// <summary>Runs <paramref name="read"/> over one consistent snapshot, which never waits for a writer. Writing inside it is a bug and throws.</summary>
    ValueTask<T> ReadAsync<T>(Func<ITransaction, ValueTask<T>> read, CancellationToken cancellation = default);

    /// <summary>
    /// Runs <paramref name="write"/> alone: all of it or nothing. A refusal or an exception undoes everything it did. When the task completes with
    /// a value, the work is on disk, and what it published has been handed to the subscribers in commit order.
    /// Cancelling gives up work that has not begun; work that has begun is finished.
    /// </summary>
    /// <exception cref="StorageFullException">The disk is full; nothing was changed.</exception>
    /// <exception cref="StorageUnavailableException">The database is closed or does not answer; nothing was changed.</exception>
    /// <exception cref="StorageBusyException">There is more to write than can be; nothing was changed.</exception>
    ValueTask<Result<T>> WriteAsync<T>(Func<ITransaction, ValueTask<Result<T>>> write, CancellationToken cancellation = default);

    /// <summary>Takes what was erased before this call out of every file of the storage, the logs included. What can't be done at this moment is done by a later call.</summary>
    /// <exception cref="StorageUnavailableException">The database is closed or does not answer.</exception>
    ValueTask ScrubAsync(CancellationToken cancellation = default);
}
