using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mimu.Bench.Client;

/// <summary>Who gets what a connection reads.</summary>
internal interface IInbox
{
    /// <summary>A text frame; <paramref name="now"/> is when it was read (Stopwatch ticks).</summary>
    void Text(WebSocketConnection from, ReadOnlySpan<byte> frame, long now);

    /// <summary>An HTTP response, whole.</summary>
    void Response(HttpConnection from, int status, ReadOnlySpan<byte> headAndBody, long now);

    /// <summary>The connection ended though nobody asked for it.</summary>
    void Lost(string who, string reason);
}

/// <summary>As much of RFC 6455 as a client needs that sends small unfragmented text frames.</summary>
internal sealed class WebSocketConnection : Connection
{
    private const int Text = 0x1;
    private const int Close = 0x8;
    private const int Ping = 0x9;
    private const int Pong = 0xA;

    private readonly IInbox _inbox;
    private readonly string _who;

    private WebSocketConnection(Poller poller, Socket socket, IInbox inbox, string who)
        : base(poller, socket)
    {
        _inbox = inbox;
        _who = who;
    }

    /// <summary>Which of the load's parties this is; the load numbers them.</summary>
    public int Party { get; init; }

    /// <summary>Connects and upgrades, blocking.</summary>
    public static WebSocketConnection Connect(Poller poller, IPEndPoint server, IInbox inbox, WebSocketIdentity identity)
    {
        Socket socket = Open(server, identity.Source);
        try
        {
            string authorization = identity.Token.Length == 0 ? "" : $"Authorization: Bearer {identity.Token}\r\n";
            // The key is RFC 6455's own example: it protects nothing, and the answer to it is not checked here.
            socket.Send(Encoding.ASCII.GetBytes(
                $"GET /ws{identity.Query} HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
                $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{authorization}\r\n"));
            string head = ReadHead(socket);
            if (!head.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
                throw new BenchException($"the upgrade of {identity.Who} was refused: {head.Split('\r')[0]}");
            return new WebSocketConnection(poller, socket, inbox, identity.Who) { Party = identity.Party };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A text frame as a client sends it. The mask key is 0, so that a prebuilt frame can be patched in place.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> text) => Frame(Text, text);

    protected override void Lost(string reason) => _inbox.Lost(_who, reason);

    protected override int Consume(ReadOnlySpan<byte> data, long now)
    {
        int used = 0;
        while (IsOpen && TryHeader(data[used..], out int header, out int length))
        {
            if (data.Length - used < header + length)
                break;
            byte first = data[used];
            Handle(first, data.Slice(used + header, length), now);
            used += header + length;
        }

        return used;
    }

    /// <summary>Reads the upgrade's response and not a byte more: the first frames may stand right behind it.</summary>
    private static string ReadHead(Socket socket)
    {
        Span<byte> buffer = stackalloc byte[4096];
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            int seen = socket.Receive(buffer, SocketFlags.Peek);
            if (seen == 0)
                return "";
            int end = buffer[..seen].IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return Encoding.ASCII.GetString(buffer[..socket.Receive(buffer[..(end + 4)])]);
            if (seen == buffer.Length)
                break;
        }

        throw new BenchException("the upgrade's response has no end");
    }

    private static byte[] Frame(int opcode, ReadOnlySpan<byte> payload)
    {
        int extended = payload.Length < 126 ? 0 : payload.Length <= ushort.MaxValue ? 2 : 8;
        byte[] frame = new byte[2 + extended + 4 + payload.Length];
        frame[0] = (byte)(0x80 | opcode);
        frame[1] = (byte)(0x80 | (extended == 0 ? payload.Length : extended == 2 ? 126 : 127));
        if (extended == 2)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        if (extended == 8)
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), payload.Length);
        payload.CopyTo(frame.AsSpan(2 + extended + 4));
        return frame;
    }

    private bool TryHeader(ReadOnlySpan<byte> data, out int header, out int length)
    {
        header = length = 0;
        if (data.Length < 2)
            return false;
        int shortLength = data[1];
        header = shortLength < 126 ? 2 : shortLength == 126 ? 4 : 10;
        if (data.Length < header)
            return false;
        length = shortLength < 126 ? shortLength
            : shortLength == 126 ? BinaryPrimitives.ReadUInt16BigEndian(data[2..])
            : (int)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(data[2..]), int.MaxValue / 2);
        if ((shortLength & 0x80) == 0)
            return true;
        Fail("a masked frame from the server");
        return false;
    }

    private void Handle(byte first, ReadOnlySpan<byte> payload, long now)
    {
        switch (first)
        {
            case 0x80 | Text:
                _inbox.Text(this, payload, now);
                break;
            case 0x80 | Ping:
                Append(Frame(Pong, payload));
                break;
            case 0x80 | Pong:
                break;
            case 0x80 | Close:
                string code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload).ToString(CultureInfo.InvariantCulture) : "none";
                Fail($"closed by the server with code {code}");
                break;
            default:
                Fail($"a frame that begins with {first:x2}: fragments and binary frames are not part of the protocol");
                break;
        }
    }
}

/// <summary>Who connects, and how.</summary>
/// <param name="Who">For messages: "recipient 7".</param>
/// <param name="Party">The load's number of it.</param>
/// <param name="Token">The access token; empty for the floor.</param>
/// <param name="Query">Empty, or "?since=…".</param>
/// <param name="Source">The loopback address to come from; null for the usual one.</param>
internal sealed record WebSocketIdentity(string Who, int Party, string Token, string Query = "", IPAddress? Source = null);
