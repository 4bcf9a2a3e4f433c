using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Mimu.Core.Push;

/// <summary>
/// Encrypts what a push says for the one client that subscribed (RFC 8291), in the coding <c>aes128gcm</c> (RFC 8188): one record, padded so that all pushes have one length.
/// </summary>
public static class WebPushEncryption
{
    /// <summary>What the padded text has in bytes, its delimiter included. Far below the 4096 that a service must take (RFC 8030 section 7.2), and more than any text of ours needs.</summary>
    public const int PaddedSize = 128;

    /// <summary>The client's authentication secret (RFC 8291 section 3.2).</summary>
    public const int AuthSize = 16;

    private const int SaltSize = 16;
    private const int TagSize = 16;

    /// <summary>RFC 8188 section 2.1: salt, record size, length of the key's name, and the name, which is our public key (RFC 8291 section 4).</summary>
    private const int HeaderSize = SaltSize + 4 + 1 + CurvePoint.Size;

    /// <summary>RFC 8291 section 4: one record, so its size need only be larger than what there is.</summary>
    private const int RecordSize = 4096;

    /// <summary>Ends the text of the last record (RFC 8188 section 2).</summary>
    private const byte LastRecord = 0x02;

    /// <summary>The body of a push.</summary>
    /// <param name="text">What it says, less than <see cref="PaddedSize"/> bytes.</param>
    /// <param name="p256dh">The client's public key, an uncompressed point.</param>
    /// <param name="auth">The client's authentication secret.</param>
    /// <exception cref="CryptographicException">The public key is no point of the curve, which is found when a client subscribes.</exception>
    public static byte[] Encrypt(ReadOnlySpan<byte> text, ReadOnlySpan<byte> p256dh, ReadOnlySpan<byte> auth)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Encrypt(text, PaddedSize, p256dh, auth, ephemeral, RandomNumberGenerator.GetBytes(SaltSize));
    }

    /// <summary>The same with a key and a salt that somebody else has chosen: what RFC 8291 appendix A is compared with.</summary>
    internal static byte[] Encrypt(ReadOnlySpan<byte> text, int paddedSize, ReadOnlySpan<byte> p256dh, ReadOnlySpan<byte> auth, ECDiffieHellman ephemeral, ReadOnlySpan<byte> salt)
    {
        Span<byte> padded = stackalloc byte[paddedSize];
        padded.Clear();
        text.CopyTo(padded);
        padded[text.Length] = LastRecord;

        var own = CurvePoint.Write(ephemeral.ExportParameters(includePrivateParameters: false).Q);
        var body = new byte[HeaderSize + paddedSize + TagSize];
        salt.CopyTo(body);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(SaltSize), RecordSize);
        body[SaltSize + 4] = CurvePoint.Size;
        own.CopyTo(body.AsSpan(SaltSize + 5));

        var secrets = Derive(p256dh, auth, ephemeral, own, salt);
        using var aes = new AesGcm(secrets.Key, TagSize);
        aes.Encrypt(secrets.Nonce, padded, body.AsSpan(HeaderSize, paddedSize), body.AsSpan(HeaderSize + paddedSize));
        return body;
    }

    /// <summary>RFC 8291 section 3.4, with RFC 8188 sections 2.2 and 2.3.</summary>
    internal static WebPushSecrets Derive(ReadOnlySpan<byte> p256dh, ReadOnlySpan<byte> auth, ECDiffieHellman ephemeral, ReadOnlySpan<byte> own, ReadOnlySpan<byte> salt)
    {
        using var client = CurvePoint.Read(p256dh) ?? throw new CryptographicException("The client's public key is no point of P-256.");
        using var publicKey = client.PublicKey;
        var shared = ephemeral.DeriveRawSecretAgreement(publicKey);
        var input = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, input, auth, [.. "WebPush: info\0"u8, .. p256dh, .. own]);
        var key = new byte[16];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, input, key, salt, "Content-Encoding: aes128gcm\0"u8);
        var nonce = new byte[12];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, input, nonce, salt, "Content-Encoding: nonce\0"u8);
        return new WebPushSecrets(shared, input, key, nonce);
    }
}

/// <summary>What follows from two keys, by RFC 8291's names: ecdh_secret, IKM, CEK and NONCE.</summary>
internal sealed record WebPushSecrets(byte[] Shared, byte[] Input, byte[] Key, byte[] Nonce);
