using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>A client's end of a WebSocket, on which frames are expected one by one.</summary>
internal sealed class EventSocket : IAsyncDisposable
{
    /// <summary>For sockets that do not read: the kernel takes in little for them.</summary>
    private static readonly HttpMessageInvoker _narrow = new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private readonly ClientWebSocket _socket;
    private readonly Channel<JsonObject> _frames = Channel.CreateUnbounded<JsonObject>();
    private Task _reading = Task.CompletedTask;
    private int _pings;

    private EventSocket(ClientWebSocket socket) => _socket = socket;

    /// <summary>What Hello said.</summary>
    public JsonObject Hello { get; private set; } = [];

    /// <summary>The end of the stream when the socket was opened.</summary>
    public string HelloCursor => (string)Hello["cursor"]!;

    /// <param name="server">Where.</param>
    /// <param name="token">An access token; a ticket, if <paramref name="isTicket"/>.</param>
    /// <param name="since">A cursor.</param>
    /// <param name="reads">Whether frames are read from the beginning.</param>
    /// <param name="tokenInQuery">Whether the token goes into the query rather than a header.</param>
    /// <param name="isTicket">Whether it is a ticket.</param>
    public static async Task<EventSocket> OpenAsync(Uri server, string token, string? since = null, bool reads = true, bool tokenInQuery = false, bool isTicket = false)
    {
        var client = new ClientWebSocket();
        client.Options.KeepAliveInterval = TimeSpan.Zero;
        var query = new List<string>();
        if (isTicket)
        {
            query.Add($"ticket={token}");
        }
        else if (tokenInQuery)
        {
            query.Add($"token={token}");
        }
        else
        {
            client.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }
        if (since is not null)
        {
            query.Add($"since={Uri.EscapeDataString(since)}");
        }
        var address = new UriBuilder(server) { Scheme = "ws", Path = "/ws", Query = string.Join('&', query) }.Uri;
        await Deadline.For("a WebSocket to open", reads ? client.ConnectAsync(address, default) : client.ConnectAsync(address, _narrow, default));
        var socket = new EventSocket(client);
        if (reads)
        {
            socket.BeginReading();
        }
        return socket;
    }

    /// <summary>Reads frames as they come; a socket that was opened without does not read before this.</summary>
    public void BeginReading() => _reading = ReadAsync();

    public async Task<JsonObject> ExpectHelloAsync()
    {
        var frame = await ExpectAsync("Hello");
        return Hello = frame["data"]!.AsObject();
    }

    /// <summary>The next frame, which must be of this type.</summary>
    public async Task<JsonObject> ExpectAsync(string type)
    {
        var frame = await NextAsync(type) ?? throw Ended(type);
        Assert.True((string?)frame["type"] == type, $"Expected {type}, but {frame.ToJsonString()} came.");
        return frame;
    }

    /// <summary>The next event's <c>data</c>.</summary>
    public async Task<JsonObject> ExpectDataAsync(string type) => (await ExpectAsync(type))["data"]!.AsObject();

    /// <summary>The answer to a frame with this id.</summary>
    public async Task<JsonObject> ExpectAckAsync(string id)
    {
        var frame = await ExpectAsync("Ack");
        Assert.Equal(id, (string?)frame["id"]);
        return frame["data"]!.AsObject();
    }

    /// <summary>The refusal of a frame with this id, or of one without.</summary>
    public async Task<JsonObject> ExpectErrorAsync(string code, string? id = null)
    {
        var frame = await ExpectAsync("Error");
        Assert.Equal(id, (string?)frame["id"]);
        Assert.Equal(id is not null, frame.ContainsKey("id"));
        var data = frame["data"]!.AsObject();
        Assert.Equal(code, (string?)data["code"]);
        Assert.NotEmpty((string)data["detail"]!);
        return data;
    }

    /// <summary>
    /// That nothing is on its way. An event is queued to a live socket before its cause is answered, so that a Ping which is sent after that answer
    /// can be answered by nothing but its Pong.
    /// </summary>
    public async Task ExpectNothingElseAsync()
    {
        var id = $"nothing else {++_pings}";
        await SendAsync(new JsonObject { ["type"] = "Ping", ["id"] = id });
        Assert.Equal(id, (string?)(await ExpectAsync("Pong"))["id"]);
    }

    /// <summary>That the server closes the socket, with nothing before it.</summary>
    public async Task ExpectCloseAsync(int code)
    {
        var frame = await NextAsync($"the socket to close with {code}");
        Assert.True(frame is null, $"Expected the socket to close with {code}, but {frame?.ToJsonString()} came.");
        Assert.Equal(code, (int?)_socket.CloseStatus);
    }

    /// <summary>The frames until the server closes the socket, which it must.</summary>
    public async Task<List<JsonObject>> ExpectCloseAfterFramesAsync(int code)
    {
        var frames = new List<JsonObject>();
        while (await NextAsync($"the socket to close with {code}") is { } frame)
        {
            frames.Add(frame);
        }
        Assert.Equal(code, (int?)_socket.CloseStatus);
        return frames;
    }

    /// <summary>The next frame of whatever type; null when the socket is closed.</summary>
    public async Task<JsonObject?> NextAsync(string what) =>
        await Deadline.For(what, _frames.Reader.WaitToReadAsync().AsTask()) && _frames.Reader.TryRead(out var frame) ? frame : null;

    public Task SendAsync(JsonObject frame) => SendAsync(frame.ToJsonString());

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(byte[] frame, WebSocketMessageType type = WebSocketMessageType.Text, bool isEnd = true) =>
        Deadline.For("a frame to be sent", _socket.SendAsync(frame, type, isEnd, default));

    public Task CloseAsync() => _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "goodbye", default);

    /// <summary>Loses the connection, as in a tunnel.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == buffer.Length)
                    {
                        Array.Resize(ref buffer, buffer.Length * 2);
                    }
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), default);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType is WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(_socket.CloseStatus!.Value, statusDescription: null, default);
                    _frames.Writer.TryComplete();
                    return;
                }
                Assert.Equal(WebSocketMessageType.Text, part.MessageType);
                _frames.Writer.TryWrite(JsonNode.Parse(buffer.AsSpan(0, length))!.AsObject());
            }
        }
        catch (Exception e)
        {
            _frames.Writer.TryComplete(e is WebSocketException or OperationCanceledException or ObjectDisposedException ? null : e);
        }
    }

    private InvalidOperationException Ended(string what) =>
        new($"Expected {what}, but the socket has ended: {(_socket.CloseStatus is { } code ? $"closed with {(int)code} {_socket.CloseStatusDescription}" : "the connection is gone")}.");
}
