using System.Buffers.Text;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// Turns a request into a WebSocket: by an upgrade (RFC 6455 section 4.2), or over HTTP/2 by CONNECT (RFC 8441). What comes after is frames over the
/// connection's own pipes, with nothing in between.
/// </summary>
internal static class WebSocketHandshake
{
    private const string Protocol = "websocket";

    /// <summary>RFC 6455 section 4.1: the one version that there is.</summary>
    private const string Version = "13";

    /// <summary>RFC 6455 section 1.3.</summary>
    private static ReadOnlySpan<byte> KeySuffix => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>RFC 6455 section 4.1: 16 bytes in Base64.</summary>
    private const int KeySize = 16;

    private const int KeyLength = 24;

    /// <summary>Whether the client asks for a WebSocket as it must.</summary>
    public static bool IsAskedFor(HttpContext http) =>
        http.Request.Headers.SecWebSocketVersion == Version
        && (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect
            ? connect.Protocol == Protocol
            : http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
                && HttpMethods.IsGet(http.Request.Method)
                && http.Request.Headers.GetCommaSeparatedValues(HeaderNames.Upgrade).Contains(Protocol, StringComparer.OrdinalIgnoreCase)
                && http.Request.Headers.SecWebSocketKey is [{ Length: KeyLength } key] && Base64.IsValid(key, out var size) && size == KeySize);

    /// <summary>Answers the client and has the socket served: by <paramref name="serve"/>, that is told what it is read from and written to and how to cut it.</summary>
    public static async Task AcceptAsync(HttpContext http, Func<IDuplexPipe, Action, Task> serve)
    {
        if (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            await serve(new StreamPipes(await connect.AcceptAsync()), http.Abort);
            return;
        }
        http.Response.Headers.Upgrade = Protocol;
        http.Response.Headers.SecWebSocketAccept = Accept(http.Request.Headers.SecWebSocketKey!);
        await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        var handover = http.Features.GetRequiredFeature<SocketHandover>();
        handover.Take(pipes => serve(pipes, handover.Abort));
    }

    /// <summary>RFC 6455 section 4.2.2 point 5.4: proof that the server understood, by SHA-1, on whose strength nothing rests.</summary>
    private static string Accept(string key)
    {
        Span<byte> text = stackalloc byte[KeyLength + KeySuffix.Length];
        Encoding.ASCII.GetBytes(key, text);
        KeySuffix.CopyTo(text[KeyLength..]);
#pragma warning disable RS0030, CA5350 // The protocol's own, see above
        return Convert.ToBase64String(SHA1.HashData(text));
#pragma warning restore RS0030, CA5350
    }

    /// <summary>A stream of HTTP/2 as pipes.</summary>
    private sealed class StreamPipes(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(useZeroByteReads: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
