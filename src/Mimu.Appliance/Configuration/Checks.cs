using System.Buffers;
using System.Globalization;
using System.Text;

namespace Mimu.Appliance.Configuration;

/// <summary>What a text must be, where "any text" is not enough. Each says what is wrong, after the text itself, or null.</summary>
internal static class Checks
{
    /// <summary>The first parts of the server's own paths; a bucket of such a name would hide them, or they it.</summary>
    private static readonly string[] _routes = ["api", "auth", "calls", "healthz", "metrics", "openapi.json", "readyz", "subscriptions", "users"];

    private static readonly SearchValues<char> _separators = SearchValues.Create("/,;=&\"");

    private static readonly SearchValues<char> _androidCharacters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    public static string? NotEmpty(string text) => text.Length > 0 ? null : "is empty; expected a text";

    public static string? AddressOrNone(string text) => text.Length == 0 ? null : ListenAddress.Check(text);

    public static string? ProxyNetwork(string text) =>
        Network.TryParse(text, out _) ? null : "is not an address or CIDR range; expected e.g. \"10.0.0.1\", \"10.0.0.0/8\" or \"fd00::/8\"";

    /// <summary>A Unix socket's path and its closing NUL must fit into the 108 bytes of <c>sun_path</c> (unix(7)).</summary>
    public static string? SocketPath(string text) =>
        Encoding.UTF8.GetByteCount(text) <= 107 ? null : "is too long for a Unix socket; expected at most 107 bytes";

    public static string? PublicUrl(string text)
    {
        const string Expected = "expected scheme, host and port alone, e.g. \"https://chat.example.org\"";
        if (text.Length == 0)
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !IsWeb(url))
            return $"is not a URL; {Expected}";
        return url.PathAndQuery == "/" && url.Fragment.Length == 0 && url.UserInfo.Length == 0 ? null : $"has more than that; {Expected}";
    }

    /// <summary>The URL of an outside party, given always.</summary>
    public static string? Endpoint(string text)
    {
        const string Expected = "expected an https:// URL, e.g. \"https://s3.example.org\"";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !IsWeb(url))
            return $"is not a URL; {Expected}";
        if (url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
            return "has a user, a query or a fragment; expected scheme, host, port and path";
        // Protocol section 15: what leaves the machine is encrypted.
        return url.Scheme == Uri.UriSchemeHttps || url.IsLoopback ? null : "is not encrypted; http:// is for loopback hosts alone, expected https://";
    }

    /// <summary>The URL of an S3 store. Clients go there too, with URLs that are signed for it as it stands here.</summary>
    public static string? S3EndpointOrNone(string text) =>
        EndpointOrNone(text) ?? (text.Contains('%', StringComparison.Ordinal) ? "has an escape in it, which would be signed as another; expected e.g. \"https://s3.example.org\"" : null);

    /// <summary>What stands in signatures between slashes and commas: the name of a key pair, or a region.</summary>
    public static string? S3Word(string text) => text.AsSpan().ContainsAnyExceptInRange('!', '~') || text.AsSpan().ContainsAny(_separators)
        ? "can't stand in a signature; expected printable ASCII without spaces and / , ; = & \""
        : null;

    public static string? Region(string text) => NotEmpty(text) ?? S3Word(text);

    public static string? EndpointOrNone(string text) => text.Length == 0 ? null : Endpoint(text);

    /// <summary>An origin in the one form in which browsers send it (RFC 6454 section 6.2), as it is compared as text.</summary>
    public static string? Origin(string text)
    {
        const string Expected = "expected e.g. \"https://web.example.org\"";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !text.Contains("://", StringComparison.Ordinal))
            return $"is not an origin; {Expected}";
        // The shells of mobile and desktop apps have schemes of their own, and no rule for what follows: capacitor://localhost, app://.
        if (!IsWeb(url))
            return text.EndsWith('/') ? $"has a slash at its end, which an origin has not; {Expected}" : null;
        var host = url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost;
        var sent = url.IsDefaultPort ? $"{url.Scheme}://{host}" : string.Create(CultureInfo.InvariantCulture, $"{url.Scheme}://{host}:{url.Port}");
        return text == sent ? null : $"is not an origin as browsers send it; expected \"{sent}\"";
    }

    public static string? Bucket(string text)
    {
        const string Expected = "expected 3 to 63 of a-z, 0-9, - and ., with a letter or digit at both ends";
        if (text.Length is < 3 or > 63 || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1]))
            return $"is not a bucket's name; {Expected}";
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.'))
                return $"is not a bucket's name; {Expected}";
        }
        return Array.IndexOf(_routes, text) < 0 ? null : "is the name of one of the server's own paths; expected another name";
    }

    /// <summary>A STUN or TURN URI (RFC 7064 section 3.1, RFC 7065 section 3.1).</summary>
    public static string? TurnUri(string text)
    {
        const string Expected = "expected e.g. \"turn:turn.example.org:3478?transport=udp\"";
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || text[..colon] is not ("turn" or "turns" or "stun" or "stuns"))
            return $"is not a TURN or STUN URI; {Expected}";

        var rest = text[(colon + 1)..];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        if (question >= 0 && rest[question..] is not ("?transport=udp" or "?transport=tcp"))
            return $"has something else than a transport of udp or tcp after its ?; {Expected}";
        var server = question >= 0 ? rest[..question] : rest;
        var hasPort = server.LastIndexOf(':') > server.LastIndexOf(']');
        return ListenAddress.Check(hasPort ? server : $"{server}:3478") is null ? null : $"does not name a server; {Expected}";
    }

    /// <summary>The <c>sub</c> claim of VAPID (RFC 8292 section 2.1).</summary>
    public static string? Contact(string text)
    {
        if (text.Length == 0)
            return null;
        var mail = text.StartsWith("mailto:", StringComparison.Ordinal) && text.IndexOf('@', StringComparison.Ordinal) > "mailto:".Length;
        return mail || (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps)
            ? null
            : "is not a contact; expected e.g. \"mailto:admin@example.org\" or \"https://example.org/contact\"";
    }

    /// <summary>The ids of keys and teams, and bundle ids, as they stand in headers and tokens for Apple.</summary>
    public static string? AppleName(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-'))
                return "is no name of Apple's; expected letters, digits, - and .";
        }
        return null;
    }

    /// <summary>The application id of an Android app ("Set the application ID"), as it stands in the paths of URLs for Google.</summary>
    public static string? AndroidName(string text)
    {
        foreach (var part in text.Length == 0 ? [] : text.Split('.'))
        {
            if (part.Length == 0 || !char.IsAsciiLetter(part[0]) || part.AsSpan().ContainsAnyExcept(_androidCharacters))
                return "is no Android app's name; expected e.g. \"org.example.chat\"";
        }
        return null;
    }

    private static bool IsWeb(Uri url) => (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url.Host.Length > 0;
}
