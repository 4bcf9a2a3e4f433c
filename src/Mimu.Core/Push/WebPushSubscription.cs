using System.Buffers;
using System.Buffers.Text;
using System.Net;

namespace Mimu.Core.Push;

/// <summary>What a browser or a UnifiedPush distributor gives its app (W3C Push API, <c>PushSubscription</c>), and what of it this server takes.</summary>
public static class WebPushSubscription
{
    /// <summary>The longest endpoint (UnifiedPush, AND_3.0.0).</summary>
    public const int MaxEndpoint = 1000;

    /// <summary>What is wrong with an endpoint, as what it must be; null if nothing is. Names are looked up when a push is sent and not here, since they may lead elsewhere by then.</summary>
    /// <param name="endpoint">The URL.</param>
    /// <param name="allowPrivate">Whether the administrator allows any port, <c>http</c>, and addresses that are not of the Internet.</param>
    public static string? CheckEndpoint(string endpoint, bool allowPrivate)
    {
        if (endpoint.Length > MaxEndpoint)
        {
            return $"must be at most {MaxEndpoint} bytes";
        }
        // Backslashes are slashes to some and not to others; no URL has them (RFC 3986), nor anything outside of printable ASCII.
        if (endpoint.AsSpan().ContainsAnyExceptInRange('!', '~') || endpoint.Contains('\\', StringComparison.Ordinal)
            || !Uri.TryCreate(endpoint, UriKind.Absolute, out var url) || url.Host.Length == 0
            || !endpoint.StartsWith($"{url.Scheme}://", StringComparison.OrdinalIgnoreCase)
            || !(url.Scheme == Uri.UriSchemeHttps || (allowPrivate && url.Scheme == Uri.UriSchemeHttp)))
        {
            return "must be an https:// URL";
        }
        if (endpoint.Contains('#', StringComparison.Ordinal) || AuthorityOf(endpoint).Contains('@'))
        {
            return "must have neither user nor fragment";
        }
        if (allowPrivate)
        {
            return null;
        }
        if (!url.IsDefaultPort)
        {
            return "must have port 443";
        }
        return IPAddress.TryParse(url.DnsSafeHost, out var address) && !PublicAddress.IsPublic(address) ? "must be on the Internet" : null;
    }

    /// <summary>The client's public key, from base64url with or without padding; null when it is not an uncompressed point of P-256.</summary>
    public static byte[]? ReadP256dh(string text)
    {
        var bytes = Decode(text, CurvePoint.Size);
        using var key = bytes is null ? null : CurvePoint.Read(bytes);
        return key is null ? null : bytes;
    }

    /// <summary>The client's authentication secret, from base64url with or without padding; null when it is not 16 bytes.</summary>
    public static byte[]? ReadAuth(string text) => Decode(text, WebPushEncryption.AuthSize);

    private static ReadOnlySpan<char> AuthorityOf(string url)
    {
        var rest = url.AsSpan(url.IndexOf("://", StringComparison.Ordinal) + 3);
        return rest.IndexOfAny('/', '?') is >= 0 and var end ? rest[..end] : rest;
    }

    private static byte[]? Decode(string text, int size)
    {
        // The decoder also skips white space, of which there may be any amount.
        if (text.Length > Base64Url.GetEncodedLength(size) + 2 || text.AsSpan().ContainsAny(_white))
        {
            return null;
        }
        Span<byte> bytes = stackalloc byte[size + 2];
        return Base64Url.DecodeFromChars(text, bytes, out _, out var written) is OperationStatus.Done && written == size ? bytes[..size].ToArray() : null;
    }

    private static readonly SearchValues<char> _white = SearchValues.Create(" \t\r\n");
}
