using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Runtime.ExceptionServices;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Calls;
using Mimu.Core.Events;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Gateway;

/// <summary>One socket: a loop that reads frames, and an <see cref="Outbox"/> to which live events come from the thread that committed them.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The timer is disposed of when the socket has ended; an event may still close it after that.")]
internal sealed class Connection : IEventSubscriber, ICallSocket
{
    private const string TooSlow = "too slow: resume by cursor";

    /// <summary>How long a close frame may take before the connection is cut (protocol section 7).</summary>
    private static readonly TimeSpan _closeTimeout = TimeSpan.FromSeconds(10);

    private readonly GatewayContext _gateway;
    private readonly Lock _cutGate = new();
    private readonly Action _cut;
    private readonly Outbox _outbox;
    private readonly Inbox _inbox;
    private readonly CatchUp _catchUp;
    private readonly TakenMark _mark = new();
    private readonly CallTable _calls;
    private Timer? _cutter;
    private bool _isOver;
    private Exception? _bug;
    private long _pingedAt = Environment.TickCount64;
    private Cursor _start;

    /// <param name="pipes">What the socket is read from and written to.</param>
    /// <param name="token">What opened it.</param>
    /// <param name="gateway">What every socket works with.</param>
    /// <param name="clientFrames">What deals with the client's frames.</param>
    /// <param name="calls">The calls that it is told of.</param>
    /// <param name="cut">Ends the connection at once.</param>
    public Connection(IDuplexPipe pipes, AccessToken token, GatewayContext gateway, ClientFrames clientFrames, CallTable calls, Action cut)
    {
        _gateway = gateway;
        _calls = calls;
        _cut = cut;
        Token = token;
        _outbox = new Outbox(pipes.Output, gateway.Settings.SendQueue, Cut);
        _inbox = new Inbox(pipes.Input, this, _outbox, clientFrames, gateway.Settings);
        _catchUp = new CatchUp(gateway.Database, gateway.Clock, token.Caller.UserId);
    }

    /// <summary>The token that opened the socket, or the last that renewed it.</summary>
    public AccessToken Token { get; set; }

    public Caller Caller => Token.Caller;

    /// <summary>Completes when all that the client has said of calls so far is dealt with. For the loop alone that reads its frames.</summary>
    public Task LastCallFrame { get; set; } = Task.CompletedTask;

    /// <summary>Sends a frame after all that is queued; with no room for it, the socket is closed as too slow.</summary>
    public void Send(ServerFrame frame)
    {
        if (!_outbox.TryAdd(frame))
        {
            Close(CloseCodes.TooSlow, TooSlow);
        }
    }

    /// <summary>Closes the socket instead of what is queued. The first call counts: no later one may put off the end.</summary>
    public void Close(WebSocketCloseStatus code, string reason)
    {
        if (_outbox.TryClose(new Farewell(code, reason)))
        {
            _cutter = new Timer(static connection => ((Connection)connection!).Cut(), this, _closeTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    public bool OnEvent(Publication publication)
    {
        try
        {
            return Take(publication);
        }
        catch (Exception e)
        {
            // A bug must cost this socket alone and not the thread that all writing is done on. It is thrown where the socket ends.
            _bug = e;
            Close(WebSocketCloseStatus.InternalServerError, "the server failed");
            return false;
        }
    }

    private bool Take(Publication publication)
    {
        switch (publication.Event)
        {
            case SessionEnded ended:
                if (ended.Session == Caller.SessionId)
                {
                    CloseAsEnded(ended.Reason);
                }
                return false;
            case PrekeysLow low:
                // Has no place in the stream, so that it needs not wait until the missed events have come.
                return low.DeviceId == Caller.DeviceId && Queue(publication);
            default:
                var isOwn = publication.Event is NewMessage && publication.Origin == Caller.SessionId;
                return _catchUp.Passes(publication) && !isOwn && Queue(publication);
        }
    }

    public bool Tell(CallSignal signal)
    {
        if (_outbox.Farewell is null)
        {
            Send(ServerFrames.Signal(signal));
        }
        return _outbox.Farewell is null;
    }

    public void OnTold() => _outbox.Start();

    /// <summary>The last place of the stream that the client has surely got: what came after it, and for whom nobody else is there, a push must tell.</summary>
    public Cursor Taken => _start with { Position = _mark.Taken };

    /// <summary>The client has answered a ping: it has got all that was sent before.</summary>
    public void OnPong() => _mark.OnPong();

    /// <summary>The client says goodbye: what was on its way for more than a moment has arrived.</summary>
    public void OnGoodbye() => _mark.OnGoodbye();

    /// <summary>Asks the client whether it is still there, and says goodbye to one that has been silent for too long.</summary>
    public void Beat(long now)
    {
        _mark.OnBeat(_catchUp.Handed);
        if (now - _inbox.HeardAt > (long)_gateway.Settings.IdleTimeout.TotalMilliseconds)
        {
            Close(CloseCodes.GoingAway, "nothing was heard of you");
        }
        else if (now - _pingedAt >= (long)_gateway.Settings.Heartbeat.TotalMilliseconds)
        {
            _pingedAt = now;
            _mark.OnPing();
            Send(Frames.Ping);
        }
    }

    /// <summary>Serves the socket until it is closed.</summary>
    /// <param name="since">The client's cursor as it wrote it; null for live events alone.</param>
    public async Task RunAsync(string? since)
    {
        try
        {
            await ServeAsync(since);
        }
        finally
        {
            lock (_cutGate)
            {
                _isOver = true;
            }
        }
    }

    private async Task ServeAsync(string? since)
    {
        using var subscription = _gateway.PubSub.Subscribe(Caller.UserId, this);
        var catchingUp = CatchUpAsync(since);
        var reading = _inbox.RunAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Close(WebSocketCloseStatus.NormalClosure, "goodbye");
        await catchingUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _calls.Disconnect(this);
        await _outbox.WhenEndedAsync();
        if (_cutter is { } cutter)
        {
            await cutter.DisposeAsync();
        }
        await reading;
        await catchingUp;
        if (_bug is { } bug)
        {
            ExceptionDispatchInfo.Throw(bug);
        }
    }

    /// <summary>Ends the connection at once, unless it is over: what was it may be another's by then.</summary>
    private void Cut()
    {
        lock (_cutGate)
        {
            if (!_isOver)
            {
                _cut();
            }
        }
    }

    /// <summary>A frame of the client has been dealt with.</summary>
    public void Done() => _inbox.Done();

    private bool Queue(Publication publication)
    {
        var added = _outbox.Add(ServerFrames.Live(publication, Caller.UserId));
        if (added is Added.NoRoom)
        {
            Close(CloseCodes.TooSlow, TooSlow);
        }
        return added is Added.First;
    }

    private void CloseAsEnded(SessionEnding reason)
    {
        if (reason is SessionEnding.AccountDisabled)
        {
            Close(CloseCodes.AccountDisabled, "the account is disabled");
        }
        else
        {
            Close(CloseCodes.SessionOver, "the session has ended");
        }
    }

    /// <summary>Says hello and what was missed, until the socket is live. Nothing else is sent meanwhile but what is queued, between the pages.</summary>
    private async Task CatchUpAsync(string? since)
    {
        try
        {
            try
            {
                await TellMissedAsync(since);
                if (_outbox.Farewell is null)
                {
                    _calls.Connect(this);
                }
            }
            catch (StorageUnavailableException)
            {
                Close(CloseCodes.Restarting, "the server can't read its events right now");
            }
            await _outbox.ReleaseAsync();
        }
        catch (Exception e) when (Outbox.IsEnd(e))
        {
            _outbox.End();
        }
        catch
        {
            _outbox.End();
            throw;
        }
    }

    private async ValueTask TellMissedAsync(string? since)
    {
        // Looked at again now that the socket is subscribed: a session that ended before would close it no more.
        var (end, ending, stock) = await _gateway.Database.ReadAsync(async tx => (await tx.Events.EndAsync(), await EndingAsync(tx),
            await tx.Keys.CountAsync(Caller.UserId, Caller.DeviceId)));
        if (ending is { } reason)
        {
            CloseAsEnded(reason);
            return;
        }
        await _outbox.WriteAsync(ServerFrames.Hello(Caller, end, _gateway.Settings.Heartbeat));
        if (stock.IsLow(_gateway.Limits.PrekeysLow))
        {
            await _outbox.WriteAsync(ServerFrames.Signal(new PrekeysLow(Caller.DeviceId, stock.OneTime, stock.PqOneTime)));
        }
        StartFrom(since is null ? end : Cursor.TryParse(since, out var cursor) ? cursor : default);
        EventPage? page;
        do
        {
            page = await _catchUp.ReadAsync(CancellationToken.None);
            if (page is null)
            {
                await _outbox.WriteAsync(ServerFrames.ResyncRequired);
                StartFrom(end);
                continue;
            }
            foreach (var happened in page.Events)
            {
                await _outbox.WriteAsync(ServerFrames.Missed(happened, Caller.UserId));
            }
            await _outbox.FlushAsync();
        }
        while (_outbox.Farewell is null && (page is null || !_catchUp.TryGoLive(page)));
    }

    private void StartFrom(Cursor cursor)
    {
        _catchUp.StartFrom(cursor);
        _mark.StartFrom(cursor.Position);
        _start = cursor;
    }

    /// <summary>Why the session has ended; null while it goes on.</summary>
    private async ValueTask<SessionEnding?> EndingAsync(ITransaction tx) =>
        await tx.Sessions.FindAsync(Caller.SessionId) is not null ? null
        : await tx.Accounts.FindAsync(Caller.UserId) is { State: AccountState.Disabled } ? SessionEnding.AccountDisabled
        : SessionEnding.Over;
}
