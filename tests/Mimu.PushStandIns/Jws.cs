using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mimu.PushStandIns;

/// <summary>A JSON web token, taken apart and not verified yet (RFC 7515 section 7.1).</summary>
internal sealed record Jws(JsonObject Header, JsonObject Claims, byte[] Signed, byte[] Signature)
{
    /// <summary>Null when the text is none.</summary>
    public static Jws? Parse(string text)
    {
        if (text.Split('.') is not [var header, var claims, var signature])
        {
            return null;
        }
        try
        {
            return new Jws(Json(header), Json(claims), Encoding.ASCII.GetBytes($"{header}.{claims}"), Base64Url.DecodeFromChars(signature));
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public string Text(string claim) => (string?)Claims[claim] ?? "";

    /// <summary>A time; null if there is none.</summary>
    public DateTimeOffset? Time(string claim) => Claims[claim] is { } seconds ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;

    private static JsonObject Json(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();
}
