using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Mimu.Core.Calls;

/// <summary>A message of a STUN or TURN server (RFC 8489 section 5), as far as testing one needs.</summary>
public sealed class StunMessage
{
    /// <summary>RFC 8489 section 5.</summary>
    public const int HeaderSize = 20;

    internal const uint MagicCookie = 0x2112A442;
    internal const int TransactionSize = 12;
    internal const int AttributeHeaderSize = 4;

    /// <summary>RFC 8489 section 14.7: what the checksum is combined with, so that it differs from those of other protocols.</summary>
    private const uint FingerprintMask = 0x5354554E;

    private const int ClassBits = 0x0110;
    private const byte IPv4 = 1;
    private const byte IPv6 = 2;

    private readonly byte[] _bytes;

    private StunMessage(byte[] bytes) => _bytes = bytes;

    public StunMethod Method => (StunMethod)(BinaryPrimitives.ReadUInt16BigEndian(_bytes) & ~ClassBits);

    public StunClass Class => (StunClass)(BinaryPrimitives.ReadUInt16BigEndian(_bytes) & ClassBits);

    /// <summary>Which request it answers.</summary>
    public ReadOnlySpan<byte> Transaction => _bytes.AsSpan(8, TransactionSize);

    /// <summary>The code and the reason of an error (RFC 8489 section 14.8); null for a message without.</summary>
    public (int Code, string Reason)? Error =>
        TryFind(StunField.ErrorCode, out var value) && value.Length >= 4 ? (((value[2] & 7) * 100) + value[3], Encoding.UTF8.GetString(value[4..])) : null;

    /// <summary>How long a message is that begins so, over a stream; null for what is none.</summary>
    public static int? LengthOf(ReadOnlySpan<byte> header) =>
        (header[0] & 0xC0) == 0 && BinaryPrimitives.ReadUInt32BigEndian(header[4..]) == MagicCookie ? HeaderSize + BinaryPrimitives.ReadUInt16BigEndian(header[2..]) : null;

    /// <summary>Reads a whole message, to its last attribute.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out StunMessage? message)
    {
        message = null;
        if (bytes.Length < HeaderSize || LengthOf(bytes) != bytes.Length)
        {
            return false;
        }
        var rest = bytes[HeaderSize..];
        while (rest.Length > 0)
        {
            if (rest.Length < AttributeHeaderSize || rest.Length < AttributeHeaderSize + PaddedLengthOf(rest))
            {
                return false;
            }
            rest = rest[(AttributeHeaderSize + PaddedLengthOf(rest))..];
        }
        message = new StunMessage(bytes.ToArray());
        return true;
    }

    /// <summary>An attribute's value. What comes after MESSAGE-INTEGRITY is covered by nothing and not looked at, but for FINGERPRINT (RFC 8489 section 14.5).</summary>
    public bool TryFind(StunField attribute, out ReadOnlySpan<byte> value)
    {
        var at = Find(attribute);
        value = at is { } start ? _bytes.AsSpan(start + AttributeHeaderSize, LengthOfAttribute(_bytes.AsSpan(start))) : default;
        return at is not null;
    }

    /// <summary>An attribute that is text; null for none.</summary>
    public string? Text(StunField attribute) => TryFind(attribute, out var value) ? Encoding.UTF8.GetString(value) : null;

    /// <summary>An address of the XOR-MAPPED-ADDRESS kind (RFC 8489 section 14.2); null for none.</summary>
    public IPEndPoint? Address(StunField attribute)
    {
        if (!TryFind(attribute, out var value) || value.Length < 4 || (value[1], value.Length) is not ((IPv4, 8) or (IPv6, 20)))
        {
            return null;
        }
        var port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (ushort)(MagicCookie >> 16);
        var address = value[4..].ToArray();
        for (var i = 0; i < address.Length; i++)
        {
            // The cookie and the transaction stand next to each other.
            address[i] ^= _bytes[4 + i];
        }
        return new IPEndPoint(new IPAddress(address), port);
    }

    /// <summary>Whether MESSAGE-INTEGRITY is there and made with this key (RFC 8489 section 14.5).</summary>
    public bool IsSignedWith(ReadOnlySpan<byte> key) => Find(StunField.MessageIntegrity) is { } at
        && LengthOfAttribute(_bytes.AsSpan(at)) == HMACSHA1.HashSizeInBytes
        && CryptographicOperations.FixedTimeEquals(Integrity(_bytes.AsSpan(0, at), key), _bytes.AsSpan(at + AttributeHeaderSize, HMACSHA1.HashSizeInBytes));

    /// <summary>Whether FINGERPRINT is there and right (RFC 8489 section 14.7).</summary>
    public bool HasFingerprint => Find(StunField.Fingerprint) is { } at && LengthOfAttribute(_bytes.AsSpan(at)) == sizeof(uint)
        && BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(at + AttributeHeaderSize)) == Checksum(_bytes.AsSpan(0, at));

    /// <summary>The key of long-term credentials (RFC 8489 section 9.2.2).</summary>
    public static byte[] LongTermKey(string username, string realm, string password)
    {
#pragma warning disable RS0030, CA5351 // The protocol's own: section 9.2.2 has the key made with MD5, on whose strength nothing rests, for the password is a MAC itself
        return MD5.HashData(Encoding.UTF8.GetBytes($"{username}:{realm}:{password}"));
#pragma warning restore RS0030, CA5351
    }

    /// <summary>What MESSAGE-INTEGRITY is after this, which is counted in the length as if it were there.</summary>
    internal static byte[] Integrity(ReadOnlySpan<byte> before, ReadOnlySpan<byte> key)
    {
#pragma warning disable CA5350 // RFC 8489 section 14.5: it is HMAC-SHA1, and coturn knows no other
        return HMACSHA1.HashData(key, WithLengthOf(before, AttributeHeaderSize + HMACSHA1.HashSizeInBytes));
#pragma warning restore CA5350
    }

    /// <summary>What FINGERPRINT is after this: a CRC-32 (ITU-T V.42).</summary>
    internal static uint Checksum(ReadOnlySpan<byte> before)
    {
        var crc = uint.MaxValue;
        foreach (var one in WithLengthOf(before, AttributeHeaderSize + sizeof(uint)))
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }
        return ~crc ^ FingerprintMask;
    }

    internal static int Padded(int length) => (length + 3) & ~3;

    private static byte[] WithLengthOf(ReadOnlySpan<byte> before, int more)
    {
        var bytes = before.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(bytes.Length - HeaderSize + more));
        return bytes;
    }

    private int? Find(StunField attribute)
    {
        var isCovered = true;
        for (var at = HeaderSize; at < _bytes.Length; at += AttributeHeaderSize + PaddedLengthOf(_bytes.AsSpan(at)))
        {
            var type = (StunField)BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(at));
            if (type == attribute && (isCovered || type is StunField.Fingerprint))
            {
                return at;
            }
            isCovered &= type is not StunField.MessageIntegrity;
        }
        return null;
    }

    private static int LengthOfAttribute(ReadOnlySpan<byte> attribute) => BinaryPrimitives.ReadUInt16BigEndian(attribute[2..]);

    private static int PaddedLengthOf(ReadOnlySpan<byte> attribute) => Padded(LengthOfAttribute(attribute));
}

/// <summary>What is asked of the server (RFC 8489 section 18.2, RFC 8656 section 17).</summary>
public enum StunMethod
{
    Binding = 0x001,
    Allocate = 0x003,
    Refresh = 0x004,
}

/// <summary>What a message is (RFC 8489 section 5), as it stands in the type.</summary>
public enum StunClass
{
    Request = 0x000,
    Indication = 0x010,
    Success = 0x100,
    Error = 0x110,
}

/// <summary>Attributes (RFC 8489 section 18.3, RFC 8656 section 18).</summary>
public enum StunField
{
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    Lifetime = 0x000D,
    Realm = 0x0014,
    Nonce = 0x0015,
    XorRelayedAddress = 0x0016,
    RequestedTransport = 0x0019,
    XorMappedAddress = 0x0020,
    Software = 0x8022,
    Fingerprint = 0x8028,
}
