using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mimu.Core.Push;

/// <summary>
/// Signs JSON web tokens for push services (RFC 7515 section 7.1, RFC 7519): the compact form, with the two algorithms that they ask for. Who reads tokens has
/// <see cref="Sessions.AccessTokens"/>; nothing here does.
/// </summary>
internal static class CompactJws
{
    /// <summary>ES256 (RFC 7518 section 3.4): the signature is r‖s, 64 bytes, and not DER.</summary>
    public static string SignEs256(ECDsa key, Action<Utf8JsonWriter> header, Action<Utf8JsonWriter> claims)
    {
        var content = Content("ES256", header, claims);
        return Seal(content, key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <summary>RS256 (RFC 7518 section 3.3).</summary>
    public static string SignRs256(RSA key, Action<Utf8JsonWriter> header, Action<Utf8JsonWriter> claims)
    {
        var content = Content("RS256", header, claims);
        return Seal(content, key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static string Seal(string content, byte[] signature) => $"{content}.{Base64Url.EncodeToString(signature)}";

    private static string Content(string algorithm, Action<Utf8JsonWriter> header, Action<Utf8JsonWriter> claims) => $"{Part(json =>
    {
        json.WriteString("alg"u8, algorithm);
        header(json);
    })}.{Part(claims)}";

    private static string Part(Action<Utf8JsonWriter> members)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Base64Url.EncodeToString(bytes.WrittenSpan);
    }
}
