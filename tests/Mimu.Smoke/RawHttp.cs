using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mimu.Smoke;

/// <summary>One request of HTTP/1.1 to the letter and at the moment that a test chooses; the connection ends with its answer.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly NetworkStream _stream;

    private RawHttp(Socket socket) => _stream = new NetworkStream(socket, ownsSocket: true);

    public static async Task<RawHttp> ConnectAsync(Uri server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, server.Port);
            return new RawHttp(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Asks for what stands in a request's first line.</summary>
    /// <param name="server">Whom.</param>
    /// <param name="method">How.</param>
    /// <param name="target">The path and the query, as they are to be sent.</param>
    /// <param name="headers">Lines, each with its end; with a Host of its own, if another is to be sent.</param>
    /// <param name="body">What follows the head.</param>
    public static async Task<RawAnswer> AskAsync(Uri server, string method, string target, string headers = "", byte[]? body = null)
    {
        using var http = await ConnectAsync(server);
        await http.WriteAsync(Head(method, target, headers.Contains("Host: ", StringComparison.Ordinal) ? headers : $"Host: {server.Authority}\r\n{headers}"));
        await http.WriteAsync(body ?? []);
        return await http.ReadAnswerAsync() ?? throw new IOException($"{method} {target} was not answered.");
    }

    public static byte[] Head(string method, string target, string headers) => Encoding.Latin1.GetBytes($"{method} {target} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    /// <summary>That nothing more will be sent.</summary>
    public void EndSending() => _stream.Socket.Shutdown(SocketShutdown.Send);

    /// <summary>All that comes until the connection ends; null if it ends without an answer.</summary>
    public async Task<RawAnswer?> ReadAnswerAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var all = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(all, limit.Token);
        }
        catch (IOException)
        {
            // Cut off; what came before that counts.
        }
        var bytes = all.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        return end < 0 ? null : new RawAnswer(Encoding.Latin1.GetString(bytes, 0, end), bytes[(end + 4)..]);
    }

    public void Dispose() => _stream.Dispose();
}

/// <summary>What came back.</summary>
internal sealed record RawAnswer(string Head, byte[] Body)
{
    public int Status => int.Parse(Head.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The word for an error of S3; "" if it is none.</summary>
    public string Code => Text.Split("<Code>") is [_, var rest] ? rest[..rest.IndexOf('<', StringComparison.Ordinal)] : "";
}
