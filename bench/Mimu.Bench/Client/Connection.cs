using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Mimu.Bench.Client;

/// <summary>
/// A non-blocking socket of the <see cref="Poller"/>. It owns a buffer for what it writes, and one for the beginning of a message whose
/// end has not come yet; everything is read into one buffer that all connections share, so that 10,000 idle ones cost next to nothing.
/// </summary>
internal abstract class Connection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _out = [];
    private int _outStart;
    private int _outEnd;
    private byte[] _carry = [];
    private int _carried;
    private bool _dirty;
    private bool _waitsForRoom;

    protected Connection(Poller poller, Socket socket)
    {
        _socket = socket;
        Poller = poller;
        Descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        socket.Blocking = false;
        poller.Register(this);
    }

    /// <summary>Its place in the poller's list.</summary>
    public int Number { get; set; }

    public int Descriptor { get; }

    public bool IsOpen { get; private set; } = true;

    protected Poller Poller { get; }

    /// <summary>Connects, blocking, with a bound: only set-up does that.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="source">The loopback address to come from; null lets the system choose.</param>
    public static Socket Open(IPEndPoint server, IPAddress? source = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000, SendTimeout = 10_000 };
        try
        {
            if (source is not null)
                socket.Bind(new IPEndPoint(source, 0));
            socket.Connect(server);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Begins to connect and does not wait: the socket can be written to once the server has answered.</summary>
    public static Socket BeginOpen(IPEndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
        try
        {
            socket.Connect(server);
            return socket;
        }
        catch (SocketException begun) when (begun.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Queues bytes; they leave at the end of the poller's round, together with all others of this connection.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_outStart == _outEnd)
            _outStart = _outEnd = 0;
        if (_out.Length - _outEnd < bytes.Length)
            MakeRoom(bytes.Length);
        bytes.CopyTo(_out.AsSpan(_outEnd));
        _outEnd += bytes.Length;
        if (_dirty)
            return;
        _dirty = true;
        Poller.FlushLater(this);
    }

    public void Flush()
    {
        _dirty = false;
        while (IsOpen && _outStart < _outEnd)
        {
            int sent = _socket.Send(_out.AsSpan(_outStart, _outEnd - _outStart), SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                WaitForRoom(true);
                return;
            }

            if (error != SocketError.Success)
            {
                Fail($"writing: {error}");
                return;
            }

            _outStart += sent;
        }

        WaitForRoom(false);
    }

    /// <summary>Reads once; the poller is level-triggered and comes back if there is more.</summary>
    public void Read(byte[] shared)
    {
        if (!IsOpen)
            return;
        if (_carried > 0)
            _carry.AsSpan(0, _carried).CopyTo(shared);
        int received = _socket.Receive(shared.AsSpan(_carried), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
            return;
        if (error != SocketError.Success || received == 0)
        {
            Fail(error == SocketError.Success ? "the server closed the connection" : $"reading: {error}");
            return;
        }

        // One stamp for all that came together: they were all there at this moment.
        long now = Stopwatch.GetTimestamp();
        ReadOnlySpan<byte> data = shared.AsSpan(0, _carried + received);
        int used = Consume(data, now);
        Keep(data[used..]);
        if (_carried == shared.Length)
            Fail("a message larger than the read buffer");
    }

    public void Dispose()
    {
        if (IsOpen)
        {
            IsOpen = false;
            Poller.Unregister(this);
        }

        _socket.Dispose();
    }

    /// <summary>Takes the whole messages in <paramref name="data"/> and returns how many bytes they were.</summary>
    protected abstract int Consume(ReadOnlySpan<byte> data, long now);

    protected abstract void Lost(string reason);

    protected void Fail(string reason)
    {
        if (!IsOpen)
            return;
        Dispose();
        Lost(reason);
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_carry.Length < rest.Length)
            _carry = new byte[Math.Max(2048, rest.Length * 2)];
        rest.CopyTo(_carry);
        _carried = rest.Length;
    }

    private void MakeRoom(int needed)
    {
        int pending = _outEnd - _outStart;
        byte[] target = _out.Length >= pending + needed ? _out : new byte[Math.Max(4096, (pending + needed) * 2)];
        _out.AsSpan(_outStart, pending).CopyTo(target);
        _out = target;
        _outStart = 0;
        _outEnd = pending;
    }

    private void WaitForRoom(bool wait)
    {
        if (_waitsForRoom == wait || !IsOpen)
            return;
        _waitsForRoom = wait;
        Poller.WatchWritable(this, wait);
    }
}
