using Mimu.Core.Storage;
using Mimu.Specification;

namespace Mimu.Core.Tests.Memory;

/// <summary>The back end of the rules' tests: correct and short, and it forgets everything. It passes the same specifications as SQLite.</summary>
internal sealed class MemoryDatabase : IDatabase, IBackendUnderTest
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly MemoryPubSub _pubSub = new();
    private volatile MemoryState _committed = new();
    private volatile bool _isClosed;

    public IPubSub PubSub => _pubSub;

    IDatabase IBackendUnderTest.Database => this;

    /// <summary>What is stored at this moment.</summary>
    public MemoryState State => _committed;

    public ValueTask<T> ReadAsync<T>(Func<ITransaction, ValueTask<T>> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return _isClosed ? throw new StorageUnavailableException("The database is closed.") : new(AtOnce(read(new MemoryTransaction(_committed, mayWrite: false))));
    }

    public async ValueTask<Result<T>> WriteAsync<T>(Func<ITransaction, ValueTask<Result<T>>> write, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            // A turn that comes at the moment of cancelling is given all the same.
            cancellation.ThrowIfCancellationRequested();
            if (_isClosed)
            {
                throw new StorageUnavailableException("The database is closed.");
            }
            var transaction = new MemoryTransaction(_committed, mayWrite: true);
            var result = AtOnce(write(transaction));
            if (result.IsOk)
            {
                _committed = transaction.State;
                _pubSub.Publish(transaction.Published);
            }
            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>There are no files.</summary>
    public ValueTask ScrubAsync(CancellationToken cancellation) =>
        _isClosed ? throw new StorageUnavailableException("The database is closed.") : ValueTask.CompletedTask;

    public async ValueTask BuryAsync(MessageId id) => await ChangeAsync(state =>
    {
        var index = state.Stream.FindIndex(entry => entry.Message?.Id == id);
        var entry = state.Stream[index];
        return state with { Stream = state.Stream.SetItem(index, entry with { Message = entry.Message! with { Payload = [], IsDeleted = true } }) };
    });

    /// <summary>Does what no port can.</summary>
    public async Task ChangeAsync(Func<MemoryState, MemoryState> change) => await WriteAsync<Done>(tx =>
    {
        var transaction = (MemoryTransaction)tx;
        transaction.State = change(transaction.State);
        return new(default(Done));
    }, CancellationToken.None);

    /// <summary>Lets what waits finish, and takes no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _isClosed = true;
        _turn.Release();
    }

    private static T AtOnce<T>(ValueTask<T> work) => work.IsCompleted
        ? work.GetAwaiter().GetResult()
        : throw new InvalidOperationException("Work in a transaction may await its stores and nothing else.");
}
