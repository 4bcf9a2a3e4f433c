using System.Buffers.Binary;
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

    /// <summary>The next frame of the server (RFC 6455 section 5.2), which is whole and not masked; null when there is none any more.</summary>
    public async Task<ServerFrame?> ReadFrameAsync()
    {
        if (await ReadAsync(2) is not [var first, var length])
        {
            return null;
        }
        Assert.Equal(0x80, first & 0xF0);
        var size = length switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(sizeof(ushort))),
            127 => checked((int)BinaryPrimitives.ReadUInt64BigEndian(await ReadAsync(sizeof(ulong)))),
            _ => length,
        };
        return new ServerFrame(first & 0x0F, await ReadAsync(size) ?? []);
    }

    private async Task<byte[]?> ReadAsync(int count)
    {
        var bytes = new byte[count];
        try
        {
            await Deadline.For("a frame", _stream.ReadExactlyAsync(bytes).AsTask());
            return bytes;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>What the server sent over a WebSocket.</summary>
internal sealed record ServerFrame(int Opcode, byte[] Content)
{
    public string Text => Encoding.UTF8.GetString(Content);

    /// <summary>Why a socket is closed (RFC 6455 section 5.5.1).</summary>
    public int CloseCode => Opcode == 8 ? BinaryPrimitives.ReadUInt16BigEndian(Content) : throw new InvalidOperationException($"This is no close frame: {Opcode} {Text}");
}
