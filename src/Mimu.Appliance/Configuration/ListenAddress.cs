using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mimu.Appliance.Configuration;

/// <summary>Where to listen: <c>127.0.0.1:8080</c>, <c>[::]:443</c>, <c>localhost:0</c>.</summary>
/// <param name="Host">An IP address, an IPv6 one without its brackets, or a host name.</param>
/// <param name="Port">0 for any free port.</param>
internal readonly record struct ListenAddress(string Host, int Port)
{
    private const string Expected = "expected host:port, e.g. \"127.0.0.1:8080\" or \"[::1]:8080\"";

    /// <summary>Reads an address that the settings have accepted.</summary>
    public static ListenAddress Parse(string text) =>
        Read(text, out var address) is { } problem ? throw new FormatException($"{text} {problem}") : address;

    /// <summary>What is wrong with the text, or null.</summary>
    public static string? Check(string text) => Read(text, out _);

    /// <summary>The addresses to bind. A host name may have several, or, with a <see cref="SocketException"/>, none.</summary>
    public async Task<IPEndPoint[]> ResolveAsync(CancellationToken cancellationToken)
    {
        var port = Port;
        var addresses = await Dns.GetHostAddressesAsync(Host, cancellationToken);
        return Array.ConvertAll(addresses, address => new IPEndPoint(address, port));
    }

    /// <summary>As in a URL: an IPv6 address stands in brackets.</summary>
    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
    }

    private static string? Read(string text, out ListenAddress address)
    {
        address = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0)
            return $"is not an address to listen on; {Expected}";
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > IPEndPoint.MaxPort)
            return $"has no port from 0 to {IPEndPoint.MaxPort}; {Expected}";

        var host = text[..colon];
        if (host is ['[', .. var bracketed, ']'])
        {
            if (!IPAddress.TryParse(bracketed, out var ip) || ip.AddressFamily != AddressFamily.InterNetworkV6)
                return $"has no IPv6 address in its brackets; {Expected}";
            host = bracketed;
        }
        else if (host.Contains(':', StringComparison.Ordinal))
        {
            return "is not an address to listen on; an IPv6 address stands in brackets, e.g. \"[::1]:8080\"";
        }
        else if (!Network.IsIPv4(host) && !IsName(host))
        {
            return $"has neither an IP address nor a name as its host; {Expected}";
        }
        address = new ListenAddress(host, port);
        return null;
    }

    /// <summary>A host name by RFC 1123; one of digits alone would be an IPv4 address with a mistake in it.</summary>
    private static bool IsName(string host)
    {
        var letters = false;
        foreach (var label in host.Split('.'))
        {
            if (label.Length is 0 or > 63 || label.StartsWith('-') || label.EndsWith('-'))
                return false;
            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                    return false;
                letters |= char.IsAsciiLetter(c);
            }
        }
        return letters;
    }
}
