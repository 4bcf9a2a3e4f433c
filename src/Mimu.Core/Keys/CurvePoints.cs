using System.Numerics;

namespace Mimu.Core.Keys;

/// <summary>Which public keys are none: points with which an exchange or a signature proves nothing.</summary>
internal static class CurvePoints
{
    /// <summary>p = 2²⁵⁵ − 19, the field of both curves (RFC 7748 section 4.1).</summary>
    private static readonly BigInteger _p = (BigInteger.One << 255) - 19;

    /// <summary>d = −121665/121666 mod p (RFC 8032 section 5.1).</summary>
    private static readonly BigInteger _d =
        (_p - 121665) * BigInteger.ModPow(121666, _p - 2, _p) % _p;

    /// <summary>
    /// The u-coordinates of the points of small order on Curve25519 and its twist, with the second spellings of 0 and 1:
    /// https://cr.yp.to/ecdh.html#validate, as in libsodium's x25519_ref10.c. The top bit is ignored (RFC 7748 section 5).
    /// </summary>
    private static readonly byte[][] _x25519SmallOrder =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        Convert.FromHexString("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    /// <summary>
    /// The y-coordinates of the eight points of small order on edwards25519 (order 4, 1, 8, 8, 2), as in libsodium's ed25519_ref10.c
    /// (ge25519_has_small_order). Their second spellings are not canonical and fall to that check.
    /// </summary>
    private static readonly byte[][] _ed25519SmallOrder =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    /// <summary>An X25519 key whose exchange always gives zero.</summary>
    public static bool IsLowOrderX25519(ReadOnlySpan<byte> key) => IsAmong(_x25519SmallOrder, key);

    /// <summary>A canonical encoding (RFC 8032 section 5.1.3) of a point on the curve that is not of small order.</summary>
    public static bool IsGoodEd25519(ReadOnlySpan<byte> key)
    {
        if (IsAmong(_ed25519SmallOrder, key))
        {
            return false;
        }
        Span<byte> bytes = stackalloc byte[KeySizes.Ed25519];
        WithoutTopBit(key, bytes);
        var y = new BigInteger(bytes, isUnsigned: true);
        return y < _p && HasX(y);
    }

    /// <summary>x² = (y² − 1)/(dy² + 1) has a root exactly if (y² − 1)(dy² + 1) does: Euler's criterion.</summary>
    private static bool HasX(BigInteger y)
    {
        var square = y * y % _p;
        var product = (square - 1 + _p) * (_d * square + 1) % _p;
        return BigInteger.ModPow(product, (_p - 1) / 2, _p).IsOne;
    }

    private static bool IsAmong(byte[][] list, ReadOnlySpan<byte> key)
    {
        Span<byte> bytes = stackalloc byte[32];
        WithoutTopBit(key, bytes);
        foreach (var entry in list)
        {
            if (bytes.SequenceEqual(entry))
            {
                return true;
            }
        }
        return false;
    }

    private static void WithoutTopBit(ReadOnlySpan<byte> key, Span<byte> into)
    {
        key.CopyTo(into);
        into[^1] &= 0x7F;
    }
}
