using Mimu.Core;
using Mimu.Core.Events;

namespace Mimu.Embedded.Sqlite;

/// <summary>A piece of work that waits for the writer, runs, and is told what became of it.</summary>
internal abstract class WriteJob
{
    /// <summary>What to tell to those who are online once it is committed, in order.</summary>
    public Publication[] Published { get; set; } = [];

    /// <summary>Runs the work; false when it refused and must be undone.</summary>
    public abstract bool Run(StoreTransaction transaction);

    /// <summary>Tells the waiting caller what the work answered.</summary>
    public abstract void Complete();

    /// <summary>Has the work answer with an exception; null when it is to be run again.</summary>
    public abstract void Fail(Exception? exception);
}

/// <inheritdoc/>
internal sealed class WriteJob<T>(Func<StoreTransaction, ValueTask<Result<T>>> work, CancellationToken cancellation) : WriteJob
{
    // Continuations run where Complete is called: on the pool, a part of a batch at a time, and never on the writer.
    private readonly TaskCompletionSource<Result<T>> _completion = new();
    private Result<T> _result;
    private Exception? _exception;

    public Task<Result<T>> Task => _completion.Task;

    public override bool Run(StoreTransaction transaction)
    {
        // Whoever gave up while the work waited wants none of it.
        cancellation.ThrowIfCancellationRequested();
        _result = StoreWork.Run(work(transaction));
        return _result.IsOk;
    }

    public override void Fail(Exception? exception) => _exception = exception;

    public override void Complete()
    {
        if (_exception is not null)
        {
            _completion.TrySetException(_exception);
        }
        else
        {
            _completion.TrySetResult(_result);
        }
    }
}

/// <summary>Work over SQLite never waits: its stores answer at once, and a closure may await nothing else.</summary>
internal static class StoreWork
{
    /// <exception cref="InvalidOperationException">The closure awaited something outside the transaction.</exception>
    public static T Run<T>(ValueTask<T> work) => work.IsCompleted
        ? work.GetAwaiter().GetResult()
        : throw new InvalidOperationException("Work in a transaction may await its stores and nothing else.");
}
