using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Mimu.Core.Tests.Sessions;

/// <summary>Makes and opens JSON web tokens by hand (RFC 7515), so that the tests can make such as the server never would.</summary>
internal static class Jwt
{
    public static string Sign(JsonObject header, JsonObject payload, byte[] secret) => SignBy(header, payload, data => HMACSHA256.HashData(secret, data));

    public static string SignBy(JsonObject header, JsonObject payload, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encode(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Encode(Encoding.UTF8.GetBytes(payload.ToJsonString()))}";
        return $"{signed}.{Encode(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static (JsonObject Header, JsonObject Payload) Open(string token)
    {
        var parts = token.Split('.');
        return (Decode(parts[0]), Decode(parts[1]));
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static JsonObject Decode(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();
}
