using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Mimu.Bench.Client;

/// <summary>HTTP/1.1 with keep-alive and one request in flight, as a client's connection pool has it: no pipelining.</summary>
internal sealed class HttpConnection : Connection
{
    private readonly IInbox _inbox;

    private HttpConnection(Poller poller, Socket socket, IInbox inbox)
        : base(poller, socket) => _inbox = inbox;

    /// <summary>Which of the load's senders this is.</summary>
    public required int Party { get; init; }

    /// <summary>Which of the sender's slots this connection serves.</summary>
    public required int Slot { get; init; }

    public static HttpConnection Connect(Poller poller, IPEndPoint server, IInbox inbox, int party, int slot)
        => new(poller, Open(server), inbox) { Party = party, Slot = slot };

    protected override void Lost(string reason) => _inbox.Lost($"HTTP connection {Slot} of sender {Party}", reason);

    protected override int Consume(ReadOnlySpan<byte> data, long now)
    {
        int head = data.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return 0;
        int body = head + 4;
        int end = IsChunked(data[..head]) ? EndOfChunks(data, body) : body + ContentLength(data[..head]);
        if (end < 0 || end > data.Length)
            return 0;
        if (!Utf8Parser.TryParse(data.Slice("HTTP/1.1 ".Length, 3), out int status, out _))
        {
            Fail("not an HTTP response");
            return 0;
        }

        _inbox.Response(this, status, data[..end], now);
        return end;
    }

    private static bool IsChunked(ReadOnlySpan<byte> head) => head.IndexOf("ransfer-Encoding: chunked"u8) > 0;

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> name = "ontent-Length: "u8;
        int at = head.IndexOf(name);
        return at > 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : 0;
    }

    /// <summary>The end of a chunked body, −1 while it has not come.</summary>
    private static int EndOfChunks(ReadOnlySpan<byte> data, int at)
    {
        while (at < data.Length && Utf8Parser.TryParse(data[at..], out int size, out int digits, 'x'))
        {
            at += digits + 2 + size + 2;
            if (size == 0)
                return at <= data.Length ? at : -1;
        }

        return -1;
    }
}
