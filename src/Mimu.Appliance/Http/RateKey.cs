using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>Whose bucket it is.</summary>
internal readonly record struct RateKey(Guid First, Guid Second)
{
    /// <summary>An IPv6 customer has a whole /64 to choose addresses from, so that counts as one (protocol section 14).</summary>
    private const int IPv6Prefix = 8;

    public static RateKey Of(UserId user) => new(user.Value, default);

    public static RateKey Of(SessionId session) => new(session.Value, default);

    /// <summary>One caller and one target, by name.</summary>
    public static RateKey Of(UserId caller, string target) => new(caller.Value, Digest(target));

    /// <summary>An account by the name under which somebody tries to sign in.</summary>
    public static RateKey Of(string name) => new(Digest(name), default);

    /// <summary>The client's address, as the proxies that are trusted tell it. A client on a Unix socket has none.</summary>
    public static RateKey OfAddress(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (address.AddressFamily is AddressFamily.InterNetworkV6)
        {
            bytes[IPv6Prefix..].Clear();
        }
        return new(new Guid(bytes), default);
    }

    /// <summary>A bucket for those who have none of their own.</summary>
    public static RateKey Shared(int number) => new(Guid.AllBitsSet, new Guid(number, 0, 0, new byte[8]));

    private static Guid Digest(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
