using NSec.Cryptography;

namespace Mimu.Core.Keys;

/// <summary>Ed25519 (RFC 8032, with S &lt; L) by libsodium.</summary>
public static class Signatures
{
    /// <summary>Whether <paramref name="signature"/> is one by <paramref name="signingKey"/> over <paramref name="data"/>. Wrong sizes are simply no signature.</summary>
    public static bool Verify(ReadOnlySpan<byte> signingKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        signature.Length == KeySizes.Signature
        && PublicKey.TryImport(SignatureAlgorithm.Ed25519, signingKey, KeyBlobFormat.RawPublicKey, out var key)
        && key is not null
        && SignatureAlgorithm.Ed25519.Verify(key, data, signature);
}
