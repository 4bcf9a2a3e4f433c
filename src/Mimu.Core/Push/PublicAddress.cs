using System.Net;
using System.Net.Sockets;

namespace Mimu.Core.Push;

/// <summary>
/// Tells addresses of the Internet from those that lead inside: to this machine, its network, or nowhere. Clients say where their push service is, and must not make this server
/// knock at doors that they themselves can't reach.
/// </summary>
public static class PublicAddress
{
    /// <summary>IPv4 that is not of the Internet: IANA's special-purpose registry (RFC 6890 and its successors), multicast and what is reserved (RFC 1112).</summary>
    private static readonly IPNetwork[] _special4 = Networks("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    /// <summary>The part of IPv6 that is given out at all (RFC 4291 section 2.4, IANA): all else, from ::1 to multicast, is not of the Internet.</summary>
    private static readonly IPNetwork _global = IPNetwork.Parse("2000::/3");

    /// <summary>Within that: IANA's own protocols, Teredo among them (RFC 2928, RFC 4380); documentation (RFC 3849, RFC 9637); and 6to4, which has an IPv4 address in it and is given up (RFC 7526).</summary>
    private static readonly IPNetwork[] _special6 = Networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /// <summary>IPv4 by a translator (RFC 6052 section 2.1): on networks without IPv4, all that has no IPv6 is there.</summary>
    private static readonly IPNetwork _translated = IPNetwork.Parse("64:ff9b::/96");

    public static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily is AddressFamily.InterNetwork)
        {
            return !Contains(_special4, address);
        }
        if (address.IsIPv4MappedToIPv6)
        {
            return IsPublic(address.MapToIPv4());
        }
        return _translated.Contains(address)
            ? IsPublic(new IPAddress(address.GetAddressBytes().AsSpan(12)))
            : _global.Contains(address) && !Contains(_special6, address);
    }

    private static bool Contains(IPNetwork[] networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }
        return false;
    }

    private static IPNetwork[] Networks(params string[] texts) => Array.ConvertAll(texts, IPNetwork.Parse);
}
