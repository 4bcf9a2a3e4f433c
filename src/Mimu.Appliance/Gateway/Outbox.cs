using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// What a socket still has to be sent: bounded in bytes, so that a client that does not read can't make the server's memory grow. Closing takes the queue's
/// place; after it nothing is taken any more.
/// </summary>
internal sealed class Outbox(long maxBytes)
{
    private readonly Channel<byte[]> _frames = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private long _owed;
    private Farewell? _farewell;

    /// <summary>Why the socket is to be closed; null while it is not.</summary>
    public Farewell? Farewell => Volatile.Read(ref _farewell);

    /// <summary>Adds a frame; false when there is no room for it, nor for any later one.</summary>
    public bool TryAdd(byte[] frame)
    {
        if (Interlocked.Add(ref _owed, frame.Length) > maxBytes)
        {
            return false;
        }
        _frames.Writer.TryWrite(frame);
        return true;
    }

    /// <summary>Has the socket closed. The first reason counts; false for every later one.</summary>
    public bool TryClose(Farewell farewell)
    {
        var isFirst = Interlocked.CompareExchange(ref _farewell, farewell, null) is null;
        _frames.Writer.TryComplete();
        return isFirst;
    }

    /// <summary>Waits until there is something to send; false once the socket is to be closed.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellation) => await _frames.Reader.WaitToReadAsync(cancellation) && Farewell is null;

    /// <summary>The next frame, if there is one and the socket is not to be closed.</summary>
    public bool TryTake([NotNullWhen(true)] out byte[]? frame)
    {
        frame = null;
        if (Farewell is not null || !_frames.Reader.TryRead(out frame))
        {
            return false;
        }
        Interlocked.Add(ref _owed, -frame.Length);
        return true;
    }
}

/// <summary>The last word over a socket.</summary>
internal sealed record Farewell(WebSocketCloseStatus Code, string Reason);
