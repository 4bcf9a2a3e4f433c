using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mimu.Bench.Client;

/// <summary>One kept-alive connection that asks and waits: the calling thread itself sleeps in the kernel and wakes with the answer.</summary>
internal sealed class BlockingHttp(IPEndPoint server) : IDisposable
{
    private readonly Socket _socket = Connection.Open(server);
    private byte[] _buffer = new byte[64 * 1024];

    /// <summary>A request with a JSON body, or without one.</summary>
    public static byte[] Request(IPEndPoint server, string methodAndPath, string? token = null, string? body = null)
    {
        string authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        string content = body is null ? "" : $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
        return Encoding.UTF8.GetBytes($"{methodAndPath} HTTP/1.1\r\nHost: {server}\r\n{authorization}{content}\r\n{body}");
    }

    /// <summary>How long the last answer was, its head included.</summary>
    public int Length { get; private set; }

    /// <summary>The status of the answer.</summary>
    public int Ask(ReadOnlySpan<byte> request)
    {
        _socket.Send(request);
        int length = 0;
        do
        {
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, 2 * length);
            int received = _socket.Receive(_buffer.AsSpan(length));
            if (received == 0)
                throw new BenchException("the server closed a connection that was to stay");
            length += received;
        }
        while (HttpResponse.EndOf(_buffer.AsSpan(0, length)) == 0);
        Length = length;
        return HttpResponse.TryStatus(_buffer.AsSpan(0, length), out int status) ? status : throw new BenchException("not an HTTP response");
    }

    public void Dispose() => _socket.Dispose();
}
