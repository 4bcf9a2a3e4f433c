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

    /// <summary>Begins to connect; what is appended leaves once the server has answered.</summary>
    public static HttpConnection Begin(Poller poller, IPEndPoint server, IInbox inbox, int party)
        => new(poller, BeginOpen(server), inbox) { Party = party, Slot = 0 };

    public static HttpConnection Connect(Poller poller, IPEndPoint server, IInbox inbox, int party, int slot)
        => new(poller, Open(server), inbox) { Party = party, Slot = slot };

    protected override void Lost(string reason) => _inbox.Lost($"HTTP connection {Slot} of sender {Party}", reason);

    protected override int Consume(ReadOnlySpan<byte> data, long now)
    {
        int end = HttpResponse.EndOf(data);
        if (end == 0)
            return 0;
        if (!HttpResponse.TryStatus(data, out int status))
        {
            Fail("not an HTTP response");
            return 0;
        }

        _inbox.Response(this, status, data[..end], now);
        return end;
    }
}
