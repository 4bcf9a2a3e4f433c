using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Mimu.Core.Push;
using Xunit;

namespace Mimu.Core.Tests.Push;

/// <summary>RFC 8291 appendix A, and what it leaves to us.</summary>
public sealed class WebPushEncryptionTests
{
    private static readonly byte[] _publicOfClient = Bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
    private static readonly byte[] _publicOfServer = Bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
    private static readonly byte[] _auth = Bytes("BTBZMqHH6r4Tts7J_aSIgg");
    private static readonly byte[] _salt = Bytes("DGv6ra1nlYgDCS1FRnbzlw");

    [Fact]
    public void What_follows_from_the_keys_is_what_the_RFC_has()
    {
        using var server = ServerKey();
        Assert.Equal(_publicOfServer, CurvePoint.Write(server.ExportParameters(false).Q));
        var secrets = WebPushEncryption.Derive(_publicOfClient, _auth, server, _publicOfServer, _salt);
        Assert.Equal("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs", Base64Url.EncodeToString(secrets.Shared));
        Assert.Equal("S4lYMb_L0FxCeq0WhDx813KgSYqU26kOyzWUdsXYyrg", Base64Url.EncodeToString(secrets.Input));
        Assert.Equal("oIhVW04MRdy2XN9CiKLxTg", Base64Url.EncodeToString(secrets.Key));
        Assert.Equal("4h_95klXJ5E_qnoN", Base64Url.EncodeToString(secrets.Nonce));
    }

    [Fact]
    public void The_body_is_what_the_RFC_has()
    {
        var text = "When I grow up, I want to be a watermelon"u8;
        using var server = ServerKey();
        // The RFC does not pad: the text and its delimiter.
        Assert.Equal(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
            Base64Url.EncodeToString(WebPushEncryption.Encrypt(text, text.Length + 1, _publicOfClient, _auth, server, _salt)));
    }

    [Fact]
    public void All_pushes_have_one_length_and_no_two_are_alike()
    {
        var fetch = WebPushEncryption.Encrypt("{\"type\":\"fetch\"}"u8, _publicOfClient, _auth);
        var call = WebPushEncryption.Encrypt("{\"type\":\"call\"}"u8, _publicOfClient, _auth);
        Assert.Equal(86 + WebPushEncryption.PaddedSize + 16, fetch.Length);
        Assert.Equal(fetch.Length, call.Length);
        var again = WebPushEncryption.Encrypt("{\"type\":\"fetch\"}"u8, _publicOfClient, _auth);
        Assert.NotEqual(Base64Url.EncodeToString(fetch.AsSpan(0, 16)), Base64Url.EncodeToString(again.AsSpan(0, 16)));
        Assert.NotEqual(Base64Url.EncodeToString(fetch.AsSpan(21, 65)), Base64Url.EncodeToString(again.AsSpan(21, 65)));
    }

    [Fact]
    public void The_client_reads_it()
    {
        using var client = Key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", _publicOfClient);
        var body = WebPushEncryption.Encrypt("hello"u8, _publicOfClient, _auth);
        // From the other side: the client's private key and the server's public one give the same secrets.
        using var server = CurvePoint.Read(body.AsSpan(21, 65))!;
        var shared = client.DeriveRawSecretAgreement(server.PublicKey);
        var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, _auth, [.. "WebPush: info\0"u8, .. _publicOfClient, .. body[21..86]]);
        using var aes = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, body[..16], "Content-Encoding: aes128gcm\0"u8.ToArray()), 16);
        var text = new byte[WebPushEncryption.PaddedSize];
        aes.Decrypt(HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, body[..16], "Content-Encoding: nonce\0"u8.ToArray()), body.AsSpan(86, text.Length), body.AsSpan(86 + text.Length), text);
        Assert.Equal("hello\u0002", Encoding.UTF8.GetString(text).TrimEnd('\0'));
    }

    [Fact]
    public void A_text_that_is_too_long_is_refused() =>
        Assert.ThrowsAny<Exception>(() => WebPushEncryption.Encrypt(new byte[WebPushEncryption.PaddedSize], _publicOfClient, _auth));

    private static ECDiffieHellman ServerKey() => Key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", _publicOfServer);

    private static ECDiffieHellman Key(string secret, byte[] point) => ECDiffieHellman.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        D = Bytes(secret),
        Q = new ECPoint { X = point[1..33], Y = point[33..] },
    });

    private static byte[] Bytes(string text) => Base64Url.DecodeFromChars(text);
}
