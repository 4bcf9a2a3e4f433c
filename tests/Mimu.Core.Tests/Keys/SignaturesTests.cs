using System.Numerics;
using Mimu.Core.Keys;
using NSec.Cryptography;
using Xunit;

namespace Mimu.Core.Tests.Keys;

public sealed class SignaturesTests
{
    /// <summary>RFC 8032 section 7.1, tests 1 to 3.</summary>
    [Theory]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void The_vectors_of_the_standard_verify(string key, string data, string signature)
    {
        var (keyBytes, dataBytes, signatureBytes) = (Convert.FromHexString(key), Convert.FromHexString(data), Convert.FromHexString(signature));

        Assert.True(Signatures.Verify(keyBytes, dataBytes, signatureBytes));
        Assert.False(Signatures.Verify(keyBytes, [.. dataBytes, 0], signatureBytes));
        foreach (var i in (int[])[0, 31, 32, 63])
        {
            var flipped = (byte[])signatureBytes.Clone();
            flipped[i] ^= 1;
            Assert.False(Signatures.Verify(keyBytes, dataBytes, flipped));
        }
    }

    [Fact]
    public void A_signature_with_L_added_to_its_second_half_is_refused()
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519);
        var publicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        var signature = SignatureAlgorithm.Ed25519.Sign(key, "data"u8);
        Assert.True(Signatures.Verify(publicKey, "data"u8, signature));

        // As a number modulo L it is the same, so that who does not look takes it for another good signature (RFC 8032 section 8.4).
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true);
        byte[] malleated = [.. signature[..32], .. Curves.Bytes(s + Curves.L)];

        Assert.False(Signatures.Verify(publicKey, "data"u8, malleated));
    }

    [Fact]
    public void A_key_of_small_order_signs_nothing()
    {
        // With the neutral point as the key and as R, and S = 0, the equation holds for every message.
        byte[] neutral = [1, .. new byte[31]];

        Assert.False(Signatures.Verify(neutral, "data"u8, [.. neutral, .. new byte[32]]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    public void A_signature_of_another_size_is_none(int size)
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519);

        Assert.False(Signatures.Verify(key.PublicKey.Export(KeyBlobFormat.RawPublicKey), "data"u8, new byte[size]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_key_of_another_size_is_none(int size) => Assert.False(Signatures.Verify(new byte[size], "data"u8, new byte[64]));
}
