using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mimu.Appliance.Configuration;

/// <summary>
/// Reads addresses and CIDR ranges. Stricter than <see cref="IPNetwork.TryParse(string?, out IPNetwork)"/>, which takes
/// <c>1</c> for 0.0.0.1 and <c>0x7f.1</c> for 127.0.0.1: whom to trust should not be guessed.
/// </summary>
internal static class Network
{
    public static IPNetwork Parse(string text) => TryParse(text, out var network) ? network : throw new FormatException($"{text} is not a network");

    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(host, out var address) || host.Contains('%', StringComparison.Ordinal))
            return false;
        if (address.AddressFamily == AddressFamily.InterNetwork && !IsIPv4(host))
            return false;

        var longest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = longest;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > longest))
            return false;
        network = new IPNetwork(Mask(address, length), length);
        return true;
    }

    /// <summary>Whether the text is four decimal numbers with dots, and nothing else that passes for an IPv4 address.</summary>
    public static bool IsIPv4(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text;

    /// <summary>Clears the host's bits: <c>ip addr</c> prints a network as 172.17.0.1/16, and that is what gets pasted.</summary>
    private static IPAddress Mask(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}
