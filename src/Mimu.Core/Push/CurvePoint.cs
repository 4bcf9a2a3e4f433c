using System.Security.Cryptography;

namespace Mimu.Core.Push;

/// <summary>Points of P-256 in their uncompressed form (SEC 1 section 2.3.3): 0x04, then x and y.</summary>
internal static class CurvePoint
{
    public const int Size = 65;

    private const byte Uncompressed = 0x04;

    public static byte[] Write(ECPoint point) => [Uncompressed, .. point.X!, .. point.Y!];

    /// <summary>The key of this point; null when the bytes are no point, or one that is not on the curve (which would tell an attacker about the other's key).</summary>
    public static ECDiffieHellman? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size || bytes[0] != Uncompressed)
        {
            return null;
        }
        try
        {
            return ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = bytes[1..33].ToArray(), Y = bytes[33..].ToArray() },
            });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
