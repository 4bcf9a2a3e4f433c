using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using Mimu.Appliance.Http;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Events;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// One socket: a loop that reads frames, and a loop that is the only one to write. Live events come to its <see cref="Outbox"/> from the thread that
/// committed them.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Neither holds anything that a collection does not free, and an event may still close a socket that has just ended.")]
internal sealed class Connection : IEventSubscriber
{
    /// <summary>How many frames may be under way at once; then the next is not read. Enough to fill a commit, too little to fill the memory.</summary>
    private const int MaxUnderWay = 256;

    /// <summary>What a frame is read into at first; it grows for a larger one.</summary>
    private const int FirstBuffer = 4096;

    /// <summary>Bad frames in a row that close the socket (protocol section 7).</summary>
    private const int MaxBadFrames = 10;

    /// <summary>How long a close frame may take before the connection is cut (protocol section 7).</summary>
    private static readonly TimeSpan _closeTimeout = TimeSpan.FromSeconds(10);

    private readonly WebSocket _socket;
    private readonly GatewayContext _gateway;
    private readonly ClientFrames _frames;
    private readonly Outbox _outbox;
    private readonly CatchUp _catchUp;
    private readonly RateTable? _frameRate;
    private readonly SemaphoreSlim _room = new(MaxUnderWay);

    private readonly CancellationTokenSource _cut = new();

    public Connection(WebSocket socket, AccessToken token, GatewayContext gateway, ClientFrames frames)
    {
        _socket = socket;
        _gateway = gateway;
        _frames = frames;
        Token = token;
        _outbox = new Outbox(gateway.Settings.SendQueue);
        _frameRate = gateway.Settings.Frames is { } rate ? new RateTable(rate) : null;
        _catchUp = new CatchUp(gateway.Database, gateway.Clock, token.Caller.UserId);
    }

    /// <summary>The token that opened the socket, or the last that renewed it.</summary>
    public AccessToken Token { get; set; }

    public Caller Caller => Token.Caller;

    /// <summary>Sends a frame after all that is queued; with no room for it, the socket is closed as too slow.</summary>
    public void Send(byte[] frame)
    {
        if (!_outbox.TryAdd(frame))
        {
            Close(CloseCodes.TooSlow, "too slow: resume by cursor");
        }
    }

    /// <summary>Closes the socket instead of what is queued. The first call counts: no later one may put off the end.</summary>
    public void Close(WebSocketCloseStatus code, string reason)
    {
        if (_outbox.TryClose(new Farewell(code, reason)))
        {
            _cut.CancelAfter(_closeTimeout);
        }
    }

    public void OnEvent(Publication publication)
    {
        if (publication.Event is SessionEnded ended)
        {
            if (ended.Session == Caller.SessionId)
            {
                CloseAsEnded(ended.Reason);
            }
            return;
        }
        if (publication.Event is PrekeysLow low)
        {
            // Has no place in the stream, so that it needs not wait until the missed events have come.
            if (low.DeviceId == Caller.DeviceId)
            {
                Send(ServerFrames.Live(publication, Caller.UserId));
            }
            return;
        }
        var isOwn = publication.Event is NewMessage && publication.Origin == Caller.SessionId;
        if (_catchUp.Passes(publication) && !isOwn)
        {
            Send(ServerFrames.Live(publication, Caller.UserId));
        }
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

    /// <summary>Serves the socket until it is closed.</summary>
    /// <param name="since">The client's cursor as it wrote it; null for live events alone.</param>
    public async Task RunAsync(string? since)
    {
        using var subscription = _gateway.PubSub.Subscribe(Caller.UserId, this);
        var reading = ReadLoopAsync();
        try
        {
            await WriteLoopAsync(since);
        }
        catch (Exception e) when (IsEnd(e))
        {
            Close(CloseCodes.GoingAway, "the connection is gone");
        }
        catch (Exception e) when (e is StorageUnavailableException)
        {
            Close(CloseCodes.Restarting, "the server can't read its events right now");
        }
        await FinishAsync(reading);
    }

    private async Task WriteLoopAsync(string? since)
    {
        // Looked at again now that the socket is subscribed: a session that ended before would close it no more.
        var (end, ending, stock) = await _gateway.Database.ReadAsync(async tx => (await tx.Events.EndAsync(), await EndingAsync(tx),
            await tx.Keys.CountAsync(Caller.UserId, Caller.DeviceId)), _cut.Token);
        if (ending is { } reason)
        {
            CloseAsEnded(reason);
            return;
        }
        await WriteAsync(ServerFrames.Hello(Caller, end, _gateway.Settings.Heartbeat));
        if (stock.IsLow(_gateway.Limits.PrekeysLow))
        {
            await WriteAsync(ServerFrames.Signal(new PrekeysLow(Caller.DeviceId, stock.OneTime, stock.PqOneTime)));
        }
        _catchUp.StartFrom(since is null ? end : Cursor.TryParse(since, out var cursor) ? cursor : default);
        EventPage? page;
        do
        {
            page = await _catchUp.ReadAsync(_cut.Token);
            if (page is null)
            {
                await WriteAsync(ServerFrames.ResyncRequired);
                _catchUp.StartFrom(end);
                continue;
            }
            foreach (var happened in page.Events)
            {
                await WriteAsync(ServerFrames.Missed(happened, Caller.UserId));
            }
            await DrainAsync();
        }
        while (_outbox.Farewell is null && (page is null || !_catchUp.TryGoLive(page)));
        while (await _outbox.WaitAsync(_cut.Token))
        {
            await DrainAsync();
        }
    }

    /// <summary>Why the session has ended; null while it goes on.</summary>
    private async ValueTask<SessionEnding?> EndingAsync(ITransaction tx) =>
        await tx.Sessions.FindAsync(Caller.SessionId) is not null ? null
        : await tx.Accounts.FindAsync(Caller.UserId) is { State: AccountState.Disabled } ? SessionEnding.AccountDisabled
        : SessionEnding.Over;

    private async ValueTask DrainAsync()
    {
        while (_outbox.TryTake(out var frame))
        {
            await WriteAsync(frame);
        }
    }

    private ValueTask WriteAsync(byte[] frame) => _socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, _cut.Token);

    /// <summary>Says why, waits a moment for the client to say so too, and cuts the connection if it does not.</summary>
    private async Task FinishAsync(Task reading)
    {
        try
        {
            if (_outbox.Farewell is { } farewell && _socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(farewell.Code, farewell.Reason, _cut.Token);
            }
            await reading;
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The connection is gone, which is what was wanted.
        }
        finally
        {
            _socket.Abort();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadLoopAsync()
    {
        var badFrames = 0;
        try
        {
            while (badFrames < MaxBadFrames)
            {
                await _room.WaitAsync(_cut.Token);
                if (await ReadFrameAsync() is not { } isGood)
                {
                    return;
                }
                badFrames = isGood ? 0 : badFrames + 1;
            }
            Close(CloseCodes.TooManyBadFrames, "ten frames in a row could not be read");
            await ReadFrameAsync();
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The writing loop is told by the farewell below.
        }
        finally
        {
            Close(WebSocketCloseStatus.NormalClosure, "goodbye");
        }
    }

    /// <summary>
    /// Reads and handles one whole frame; whether it was good, null when there will be no more. What comes after a close of ours is read and thrown away.
    /// </summary>
    private async ValueTask<bool?> ReadFrameAsync()
    {
        // Waits without a buffer, so that a silent socket holds none. A frame without content is whole with that.
        var part = await _socket.ReceiveAsync(Memory<byte>.Empty, _cut.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            for (var length = 0; ;)
            {
                if (part.MessageType is WebSocketMessageType.Close)
                {
                    return null;
                }
                length = _outbox.Farewell is null ? length + part.Count : 0;
                if (part.MessageType is WebSocketMessageType.Binary)
                {
                    Close(CloseCodes.BinaryFrame, "only text frames are understood");
                }
                else if (length > _gateway.Settings.MaxFrame)
                {
                    Close(CloseCodes.FrameTooLarge, "the frame is too large");
                }
                else if (part.EndOfMessage && _outbox.Farewell is null)
                {
                    return Handle(buffer.AsMemory(0, length));
                }
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }
                part = await _socket.ReceiveAsync(buffer.AsMemory(length), _cut.Token);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    /// <summary>False for a frame that is no JSON object of a known type.</summary>
    private bool Handle(ReadOnlyMemory<byte> frame)
    {
        if (_frameRate?.Take(default) is not null)
        {
            Close(CloseCodes.TooManyFrames, "too many frames");
            _room.Release();
            return true;
        }
        if (!JsonText.TryParse(new ReadOnlySequence<byte>(frame), out var document, out var reason))
        {
            Send(ServerFrames.Refusal(id: null, Errors.MalformedRequest.Because($"The frame could not be read. {reason}")));
            _room.Release();
            return false;
        }
        using (document)
        {
            var work = _frames.Handle(this, document.RootElement);
            _ = ReleaseAfterAsync(work ?? Task.CompletedTask);
            return work is not null;
        }
    }

    private async Task ReleaseAfterAsync(Task work)
    {
        await work;
        _room.Release();
    }

    /// <summary>Whether this is how the end of a connection looks.</summary>
    private static bool IsEnd(Exception e) => e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException
        or Microsoft.AspNetCore.Connections.ConnectionAbortedException;
}
