using System.Numerics;

namespace Mimu.Core.Tests.Keys;

/// <summary>The two curves as their RFCs write them, slow and plain, to check the server's lists and shortcuts against.</summary>
internal static class Curves
{
    public static readonly BigInteger P = (BigInteger.One << 255) - 19;

    /// <summary>The order of the base point (RFC 8032 section 5.1).</summary>
    public static readonly BigInteger L = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);

    private static readonly BigInteger _d = Mod(-121665 * Inverse(121666));

    /// <summary>A root of −1, by which the two candidates of a square root differ (RFC 8032 section 5.1.3).</summary>
    private static readonly BigInteger _rootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);

    public static BigInteger Mod(BigInteger value) => (value % P + P) % P;

    /// <summary>32 bytes, little endian.</summary>
    public static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[32];
        return value.TryWriteBytes(bytes, out _, isUnsigned: true) ? bytes : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Whether eight times a point of Curve25519 or its twist is the point at infinity: the ladder of RFC 7748 section 5 ends with z = 0.</summary>
    public static bool IsLowOrderX25519(BigInteger u)
    {
        var (x2, z2, x3, z3) = (BigInteger.One, BigInteger.Zero, Mod(u), BigInteger.One);
        foreach (var bit in (int[])[1, 0, 0, 0])
        {
            if (bit == 1)
            {
                (x2, x3, z2, z3) = (x3, x2, z3, z2);
            }
            var (a, b, c, d) = (x2 + z2, x2 - z2, x3 + z3, x3 - z3);
            var (aa, bb, da, cb) = (a * a, b * b, d * a, c * b);
            var e = aa - bb;
            (x3, z3, x2, z2) = (Mod((da + cb) * (da + cb)), Mod(u * (da - cb) * (da - cb)), Mod(aa * bb), Mod(e * (aa + 121665 * e)));
            if (bit == 1)
            {
                (x2, x3, z2, z3) = (x3, x2, z3, z2);
            }
        }
        return z2.IsZero;
    }

    /// <summary>The x that belongs to a y of edwards25519, as RFC 8032 section 5.1.3 finds it; null when there is none.</summary>
    public static BigInteger? FindX(BigInteger y)
    {
        var (u, v) = (Mod(y * y - 1), Mod(_d * y * y + 1));
        var x = Mod(u * BigInteger.ModPow(v, 3, P) * BigInteger.ModPow(Mod(u * BigInteger.ModPow(v, 7, P)), (P - 5) / 8, P));
        var square = Mod(v * x * x);
        return square == u ? x : square == Mod(-u) ? Mod(x * _rootOfMinusOne) : null;
    }

    /// <summary>The sum of two points (RFC 8032 section 5.1.4, in affine coordinates).</summary>
    public static (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) one, (BigInteger X, BigInteger Y) other)
    {
        var product = _d * one.X % P * other.X % P * one.Y % P * other.Y;
        return (Mod((one.X * other.Y + one.Y * other.X) * Inverse(1 + product)), Mod((one.Y * other.Y + one.X * other.X) * Inverse(1 - product)));
    }

    public static (BigInteger X, BigInteger Y) Multiply((BigInteger X, BigInteger Y) point, BigInteger times)
    {
        var sum = (BigInteger.Zero, BigInteger.One);
        for (; times > 0; times >>= 1)
        {
            sum = times.IsEven ? sum : Add(sum, point);
            point = Add(point, point);
        }
        return sum;
    }

    /// <summary>32 bytes: y, and the lowest bit of x on top (RFC 8032 section 5.1.2).</summary>
    public static byte[] Encode((BigInteger X, BigInteger Y) point) => Encode(point.Y, !point.X.IsEven);

    public static byte[] Encode(BigInteger y, bool sign)
    {
        var bytes = Bytes(y);
        bytes[31] |= (byte)(sign ? 0x80 : 0);
        return bytes;
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);
}
