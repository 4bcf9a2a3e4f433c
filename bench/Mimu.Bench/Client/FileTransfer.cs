using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mimu.Bench.Client;

/// <summary>Whole files over a connection each, by blocking calls: the client must cost little beside what it measures.</summary>
internal static class FileTransfer
{
    private const int BufferSize = 256 * 1024;

    public static void Put(IPEndPoint server, string pathAndQuery, IReadOnlyDictionary<string, string> headers, byte[] content)
    {
        using Socket socket = Connect(server);
        var head = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"PUT {pathAndQuery} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n"));
        foreach ((string name, string value) in headers.Where(header => header.Key != "Content-Length"))
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {content.Length}\r\n\r\n");
        Send(socket, Encoding.ASCII.GetBytes(head.ToString()));
        Send(socket, content);
        byte[] answer = new byte[BufferSize];
        int length = ReadHead(socket, answer, out _);
        if (!answer.AsSpan(0, length).StartsWith("HTTP/1.1 20"u8))
            throw new BenchException($"the PUT was answered with: {Encoding.UTF8.GetString(answer, 0, length)}");
    }

    /// <summary>Reads a file to its end; it must have the content's length, beginning and end.</summary>
    public static void Get(IPEndPoint server, string pathAndQuery, byte[] content)
    {
        using Socket socket = Connect(server);
        Send(socket, Encoding.ASCII.GetBytes($"GET {pathAndQuery} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n"));
        byte[] buffer = new byte[BufferSize];
        int read = ReadHead(socket, buffer, out int body);
        if (!buffer.AsSpan(0, read).StartsWith("HTTP/1.1 200"u8))
            throw new BenchException($"the GET was answered with: {Encoding.UTF8.GetString(buffer, 0, read)}");
        int at = 0;
        for (int count = read - body, from = body; ; from = 0)
        {
            if (at + count > content.Length || (count > 0 && (buffer[from] != content[at] || buffer[from + count - 1] != content[at + count - 1])))
                throw new BenchException("the file that came is another one");
            at += count;
            if (at == content.Length)
                return;
            if ((count = socket.Receive(buffer)) == 0)
                throw new BenchException($"the file ended after {at} of {content.Length} bytes");
        }
    }

    private static Socket Connect(IPEndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 120_000, SendTimeout = 120_000 };
        socket.Connect(server);
        return socket;
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[socket.Send(bytes[..Math.Min(bytes.Length, BufferSize)])..];
    }

    /// <summary>Reads until the head has ended; how much was read, and where the body begins in it.</summary>
    private static int ReadHead(Socket socket, byte[] buffer, out int body)
    {
        int read = 0;
        while (true)
        {
            int count = socket.Receive(buffer.AsSpan(read));
            read += count;
            int end = buffer.AsSpan(0, read).IndexOf("\r\n\r\n"u8);
            body = end + 4;
            if (end >= 0 || count == 0)
                return read;
        }
    }
}
