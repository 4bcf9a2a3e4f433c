using System.Security.Cryptography;
using NSec.Cryptography;

namespace Mimu.Appliance.Cli.Demonstration;

/// <summary>
/// The simplest honest sealing to a prekey: an ephemeral X25519 agreement, HKDF-SHA256, ChaCha20-Poly1305. It shows that the server sees nothing;
/// a real client speaks X3DH or PQXDH and the Double Ratchet.
/// </summary>
internal static class Letter
{
    private const int KeySize = 32;

    private static readonly AeadAlgorithm _aead = AeadAlgorithm.ChaCha20Poly1305;

    /// <summary>The ephemeral public key, the nonce, the ciphertext.</summary>
    public static byte[] Seal(byte[] text, byte[] prekey)
    {
        using var ephemeral = NSec.Cryptography.Key.Create(KeyAgreementAlgorithm.X25519);
        using var key = Agree(ephemeral, prekey);
        var nonce = RandomNumberGenerator.GetBytes(_aead.NonceSize);
        return [.. ephemeral.PublicKey.Export(KeyBlobFormat.RawPublicKey), .. nonce, .. _aead.Encrypt(key, nonce, [], text)];
    }

    public static byte[] Open(byte[] letter, Key prekey)
    {
        using var key = Agree(prekey, letter[..KeySize]);
        var rest = letter.AsSpan(KeySize);
        return _aead.Decrypt(key, rest[.._aead.NonceSize], [], rest[_aead.NonceSize..]) ?? throw new DemoException("the letter can't be opened.");
    }

    private static Key Agree(Key own, byte[] other)
    {
        using var secret = KeyAgreementAlgorithm.X25519.Agree(own, PublicKey.Import(KeyAgreementAlgorithm.X25519, other, KeyBlobFormat.RawPublicKey))
            ?? throw new DemoException("the other side's key is of low order.");
        return KeyDerivationAlgorithm.HkdfSha256.DeriveKey(secret, [], "mimu demo"u8, _aead);
    }
}

/// <summary>The demonstration did not come out.</summary>
internal sealed class DemoException(string message) : Exception(message);
