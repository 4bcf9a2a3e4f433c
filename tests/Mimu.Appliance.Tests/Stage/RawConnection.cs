using System.Net.Sockets;
using System.Text;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>A TCP connection, for what no proper client would send.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly NetworkStream _stream;

    /// <param name="server">Where to.</param>
    /// <param name="receiveBuffer">Bytes that the kernel takes in for us; null for its own choice.</param>
    public RawConnection(Uri server, int? receiveBuffer = null)
    {
        if (receiveBuffer is { } size)
        {
            _client.ReceiveBufferSize = size;
        }
        _client.Connect(server.Host, server.Port);
        _stream = _client.GetStream();
    }

    public Socket Socket => _client.Client;

    /// <summary>A WebSocket opened by hand, for which the kernel takes in little.</summary>
    public static async Task<RawConnection> OpenSocketAsync(Uri server, string token)
    {
        var connection = new RawConnection(server, receiveBuffer: 16 * 1024);
        await connection.WriteAsync("GET /ws HTTP/1.1\r\nHost: mimu\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        return connection;
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    public Task WriteAsync(byte[] bytes) => Deadline.For("bytes to be taken", _stream.WriteAsync(bytes).AsTask());

    /// <summary>What comes until the head of an answer is complete.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await Deadline.For("the head of an answer", _stream.ReadAsync(one).AsTask()) == 1)
        {
            head.Append((char)one[0]);
        }
        return head.ToString();
    }

    /// <summary>Everything until the server closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var reader = new StreamReader(_stream, leaveOpen: true);
        return await Deadline.For("the server to close the connection", reader.ReadToEndAsync());
    }

    public void Dispose() => _client.Dispose();
}
