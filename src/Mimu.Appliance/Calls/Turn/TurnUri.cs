using System.Globalization;

namespace Mimu.Appliance.Calls.Turn;

/// <summary>A STUN or TURN server as <c>calls.turn_uris</c> names it (RFC 7064 section 3.1, RFC 7065 section 3.1).</summary>
/// <param name="Text">As it stands in the settings.</param>
/// <param name="IsTurn">Whether it relays; else it only tells addresses.</param>
/// <param name="IsSecure">Whether by TLS.</param>
/// <param name="IsUdp">Whether over UDP.</param>
/// <param name="Host">A name, or an address without brackets.</param>
/// <param name="Port">The port.</param>
internal sealed record TurnUri(string Text, bool IsTurn, bool IsSecure, bool IsUdp, string Host, int Port)
{
    /// <summary>RFC 7065 section 3.2, as RFC 5928 section 3 has it.</summary>
    private const int DefaultPort = 3478;

    private const int DefaultSecurePort = 5349;

    /// <param name="text">A URI that <see cref="Configuration.Checks.TurnUri"/> finds nothing wrong with.</param>
    public static TurnUri Parse(string text)
    {
        var (scheme, rest) = Split(text, text.IndexOf(':', StringComparison.Ordinal));
        var (server, query) = rest.IndexOf('?', StringComparison.Ordinal) is var question and >= 0 ? Split(rest, question) : (rest, "");
        var (host, port) = server.LastIndexOf(':') is var colon && colon > server.LastIndexOf(']') ? Split(server, colon) : (server, "");
        var isSecure = scheme.EndsWith('s');
        return new(text, scheme.StartsWith("turn", StringComparison.Ordinal), isSecure, query.Length > 0 ? query == "transport=udp" : !isSecure,
            host.Trim('[', ']'), port.Length > 0 ? int.Parse(port, CultureInfo.InvariantCulture) : isSecure ? DefaultSecurePort : DefaultPort);
    }

    private static (string Before, string After) Split(string text, int at) => (text[..at], text[(at + 1)..]);
}
