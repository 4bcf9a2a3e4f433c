using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>Access tokens taken apart and put together again, with the server's own key if need be.</summary>
internal sealed class Forgery
{
    private Forgery(JsonObject header, JsonObject claims, byte[] key)
    {
        Header = header;
        Claims = claims;
        Key = key;
    }

    public JsonObject Header { get; }

    public JsonObject Claims { get; }

    /// <summary>What signs it: at first the server's key.</summary>
    public byte[] Key { get; set; }

    public static Forgery Of(Host host, string token)
    {
        var parts = token.Split('.');
        var key = File.ReadAllLines(Path.Combine(host.DataDirectory, "token-keys"))[^1].Split(' ')[1];
        return new Forgery(Decode(parts[0]), Decode(parts[1]), Convert.FromBase64String(key));
    }

    public string Sign() => Sign(HMACSHA256.HashData);

    public string Sign(Func<byte[], byte[], byte[]> hash)
    {
        var text = $"{Encode(Header)}.{Encode(Claims)}";
        return $"{text}.{Base64Url.EncodeToString(hash(Key, Encoding.ASCII.GetBytes(text)))}";
    }

    public static JsonObject Decode(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
