using System.Threading.Tasks.Sources;
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
internal sealed class WriteJob<T>(Func<StoreTransaction, ValueTask<Result<T>>> work, CancellationToken cancellation) : WriteJob, IValueTaskSource<Result<T>>
{
    // Who waits goes on where Complete is called: on the pool, a part of a batch at a time, and never on the writer.
    private ManualResetValueTaskSourceCore<Result<T>> _answer;
    private Result<T> _result;
    private Exception? _exception;

    /// <summary>What the work answered, for one to wait for.</summary>
    public ValueTask<Result<T>> Answer => new(this, _answer.Version);

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
            _answer.SetException(_exception);
        }
        else
        {
            _answer.SetResult(_result);
        }
    }

    Result<T> IValueTaskSource<Result<T>>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Result<T>>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<Result<T>>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}

/// <summary>Work over SQLite never waits: its stores answer at once, and a closure may await nothing else.</summary>
internal static class StoreWork
{
    /// <exception cref="InvalidOperationException">The closure awaited something outside the transaction.</exception>
    public static T Run<T>(ValueTask<T> work) => work.IsCompleted
        ? work.GetAwaiter().GetResult()
        : throw new InvalidOperationException("Work in a transaction may await its stores and nothing else.");
}
