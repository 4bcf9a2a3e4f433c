using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// What a socket still has to be sent: bounded in bytes, so that a client that does not read can't make the server's memory grow. Whoever adds the first frame
/// starts the sending, which goes on until nothing is left, all that is queued in one flush; a socket that is owed nothing has no task and no buffer. Closing
/// takes the queue's place; after it nothing is taken any more.
/// </summary>
internal sealed class Outbox(PipeWriter output, long maxBytes, Action onEnd) : IThreadPoolWorkItem
{
    /// <summary>How much goes into the pipe before it is flushed.</summary>
    private const int FlushAt = 64 * 1024;

    /// <summary>What a frame takes beside its bytes, so that many small ones can't take more memory than few large ones.</summary>
    private const int Overhead = 32;

    private readonly Lock _gate = new();
    private List<ServerFrame>? _queued;
    private List<ServerFrame>? _spare;
    private long _owed;
    private bool _isSending = true;
    private bool _isEnded;
    private bool _isOver;
    private Exception? _bug;
    private TaskCompletionSource? _ended;
    private Farewell? _farewell;

    /// <summary>Why the socket is to be closed; null while it is not.</summary>
    public Farewell? Farewell => Volatile.Read(ref _farewell);

    /// <summary>How many bytes are queued or on their way.</summary>
    public long Owed
    {
        get
        {
            lock (_gate)
            {
                return _owed;
            }
        }
    }

    /// <summary>Adds a frame and has it sent; false when there is no room for it, nor for any later one.</summary>
    public bool TryAdd(ServerFrame frame)
    {
        var outcome = Add(frame);
        if (outcome is Added.First)
        {
            Start();
        }
        return outcome is not Added.NoRoom;
    }

    /// <summary>Adds a frame. After <see cref="Added.First"/> it is sent when <see cref="Start"/> is called.</summary>
    public Added Add(ServerFrame frame)
    {
        lock (_gate)
        {
            if (_farewell is not null)
            {
                return Added.More;
            }
            _owed += frame.MaxLength + Overhead;
            if (_owed > maxBytes)
            {
                return Added.NoRoom;
            }
            (_queued ??= _spare ?? []).Add(frame);
            if (ReferenceEquals(_queued, _spare))
            {
                _spare = null;
            }
            if (_isSending)
            {
                return Added.More;
            }
            _isSending = true;
            return Added.First;
        }
    }

    /// <summary>Sends what is queued, on another thread.</summary>
    public void Start() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);

    /// <summary>Has the socket closed. The first reason counts; false for every later one.</summary>
    public bool TryClose(Farewell farewell)
    {
        lock (_gate)
        {
            if (_farewell is not null)
            {
                return false;
            }
            _farewell = farewell;
            _queued = _spare = null;
            if (_isSending)
            {
                return true;
            }
            _isSending = true;
        }
        Start();
        return true;
    }

    /// <summary>
    /// Writes a frame past the queue, for who holds the sending: until <see cref="ReleaseAsync"/>, that is whoever made the outbox. Nothing is written any more
    /// when the socket is to be closed, whose farewell may be on its way already.
    /// </summary>
    public ValueTask WriteAsync(ServerFrame frame)
    {
        if (Farewell is not null)
        {
            return ValueTask.CompletedTask;
        }
        frame.WriteTo(output);
        return output.UnflushedBytes >= FlushAt ? FlushAsync() : ValueTask.CompletedTask;
    }

    /// <summary>Sends what was written, and what is queued by now.</summary>
    public async ValueTask FlushAsync()
    {
        WriteQueued(goesOn: true, out var owed);
        await output.FlushAsync();
        Settle(owed);
    }

    /// <summary>Sends what is queued, and leaves all further sending to whoever adds a frame.</summary>
    public ValueTask ReleaseAsync() => SendAsync();

    /// <summary>Completes when the farewell has been sent, or nothing can be, and nobody is sending any more. A bug on the way is thrown.</summary>
    public Task WhenEndedAsync()
    {
        lock (_gate)
        {
            return _isOver ? _bug is null ? Task.CompletedTask : Task.FromException(_bug) : (_ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    async void IThreadPoolWorkItem.Execute()
    {
        try
        {
            await SendAsync();
        }
        catch (Exception e)
        {
            End(IsEnd(e) ? null : e);
        }
    }

    /// <summary>The connection is gone: nothing more is sent. Whoever is sending notices.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _isEnded = true;
            _queued = _spare = null;
            _farewell ??= _gone;
            if (!_isSending)
            {
                _isSending = true;
                Finish(null);
            }
        }
        onEnd();
    }

    /// <summary>The same, by who holds the sending.</summary>
    public void End(Exception? bug = null)
    {
        lock (_gate)
        {
            _isEnded = true;
            _queued = _spare = null;
            _farewell ??= _gone;
        }
        // Before anybody is told that all is over: after that, there may be no connection to cut.
        onEnd();
        lock (_gate)
        {
            Finish(bug);
        }
    }

    /// <summary>Whether this is how the end of a connection looks.</summary>
    public static bool IsEnd(Exception e) => e is OperationCanceledException or IOException or ObjectDisposedException
        or Microsoft.AspNetCore.Connections.ConnectionAbortedException;

    private static readonly Farewell _gone = new(WebSocketCloseStatus.NormalClosure, "the connection is gone");

    private void Finish(Exception? bug)
    {
        _isOver = true;
        _bug ??= bug;
        if (_bug is null)
        {
            _ended?.TrySetResult();
        }
        else
        {
            _ended?.TrySetException(_bug);
        }
    }

    private async ValueTask SendAsync()
    {
        while (WriteQueued(goesOn: false, out var owed))
        {
            var flush = await output.FlushAsync();
            Settle(owed);
            if (flush.IsCompleted || flush.IsCanceled)
            {
                End();
                return;
            }
        }
    }

    /// <summary>Writes what is queued, or the farewell in its place, up to what goes into one flush. False when there is nothing: whoever comes next starts anew.</summary>
    private bool WriteQueued(bool goesOn, out long owed)
    {
        owed = 0;
        List<ServerFrame> frames;
        lock (_gate)
        {
            if (_isEnded)
            {
                Finish(null);
                return false;
            }
            if (_farewell is { } farewell)
            {
                _isEnded = true;
                output.Write(Frames.Close(farewell));
                return true;
            }
            if (_queued is null)
            {
                _isSending = goesOn;
                return false;
            }
            (frames, _queued) = (_queued, null);
        }
        var written = 0;
        while (written < frames.Count && owed < FlushAt)
        {
            var frame = frames[written++];
            frame.WriteTo(output);
            owed += frame.MaxLength + Overhead;
        }
        PutBack(frames, written);
        return true;
    }

    /// <summary>What did not fit into one flush is the first of the next.</summary>
    private void PutBack(List<ServerFrame> frames, int written)
    {
        lock (_gate)
        {
            frames.RemoveRange(0, written);
            if (_farewell is not null)
            {
                return;
            }
            if (frames.Count > 0)
            {
                if (_queued is not null)
                {
                    frames.AddRange(_queued);
                }
                _queued = frames;
            }
            else if (frames.Capacity <= MaxSpare)
            {
                _spare = _queued is null ? frames : null;
            }
        }
    }

    /// <summary>A list is kept for the next frames, unless so many came at once as hardly come again.</summary>
    private const int MaxSpare = 32;

    private void Settle(long owed)
    {
        lock (_gate)
        {
            _owed -= owed;
        }
    }
}

/// <summary>What became of a frame.</summary>
internal enum Added
{
    /// <summary>It will be sent with what is under way.</summary>
    More,

    /// <summary>Nothing was under way: the sending must be started.</summary>
    First,

    /// <summary>The socket owes too much already.</summary>
    NoRoom,
}

/// <summary>The last word over a socket.</summary>
internal sealed record Farewell(WebSocketCloseStatus Code, string Reason);
