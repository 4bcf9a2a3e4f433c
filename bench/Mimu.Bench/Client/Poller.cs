using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mimu.Bench.Client;

/// <summary>
/// One thread, one epoll descriptor, all sockets. The client shares two cores with the server, so what it must not do is wake threads:
/// .NET's own asynchronous sockets go from an epoll thread to the thread pool for every message. Here a wake-up reads whatever has come
/// on all sockets, lets the load answer, and writes what it answered in one call a socket.
/// </summary>
internal sealed unsafe class Poller : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;
    private const uint Readable = 0x1;
    private const uint Writable = 0x4;
    private const uint Broken = 0x8 | 0x10; // EPOLLERR, EPOLLHUP: reading tells what it is
    private const int EventsAtOnce = 256;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly int _epoll;
    private readonly byte[] _events = GC.AllocateArray<byte>(EventsAtOnce * 16, pinned: true);
    private readonly byte[] _shared = new byte[1 << 20]; // a frame of the server, at most 512 KiB, fits twice
    private readonly List<Connection> _connections = [];
    private readonly List<Connection> _dirty = [];

    public Poller()
    {
        _epoll = Native.EpollCreate(CloseOnExec);
        if (_epoll < 0)
            throw new BenchException($"epoll_create1: error {Marshal.GetLastPInvokeError()}");
    }

    public void Register(Connection connection)
    {
        connection.Number = _connections.Count;
        _connections.Add(connection);
        Control(Add, connection, Readable);
    }

    public void Unregister(Connection connection) => Control(Remove, connection, 0);

    public void WatchWritable(Connection connection, bool watch) => Control(Modify, connection, watch ? Readable | Writable : Readable);

    /// <summary>The connection has something to write; it is written when all that was read in this round is dealt with.</summary>
    public void FlushLater(Connection connection) => _dirty.Add(connection);

    /// <summary>Waits for at most this long, then reads, lets the handlers answer, and writes.</summary>
    public void Poll(int timeoutMilliseconds)
    {
        FlushDirty();
        fixed (byte* events = _events)
        {
            int count = Native.EpollWait(_epoll, events, EventsAtOnce, timeoutMilliseconds);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> one = _events.AsSpan(i * EventSize, EventSize);
                uint happened = BinaryPrimitives.ReadUInt32LittleEndian(one);
                Connection connection = _connections[BinaryPrimitives.ReadInt32LittleEndian(one[(EventSize - 8)..])];
                if ((happened & (Readable | Broken)) != 0)
                    connection.Read(_shared);
                if ((happened & Writable) != 0)
                    connection.Flush();
            }
        }

        FlushDirty();
    }

    public void Dispose()
    {
        foreach (Connection connection in _connections)
            connection.Dispose();
        _ = Native.Close(_epoll);
    }

    private void FlushDirty()
    {
        foreach (Connection connection in _dirty)
            connection.Flush();
        _dirty.Clear();
    }

    private void Control(int operation, Connection connection, uint interest)
    {
        byte* epollEvent = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(epollEvent, 4), interest);
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(epollEvent + EventSize - 8, 8), connection.Number);
        if (Native.EpollControl(_epoll, operation, connection.Descriptor, epollEvent) != 0)
            throw new BenchException($"epoll_ctl: error {Marshal.GetLastPInvokeError()}");
    }
}
