using System.Globalization;
using System.Text.Json;
using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>Pushes as APNs takes them ("Generating a remote notification"): all that they say is whether to fetch or that a call rings.</summary>
internal static class ApnsMessage
{
    private static readonly byte[] _fetch = Alert(PushKind.Fetch);
    private static readonly byte[] _call = Alert(PushKind.Call);
    private static readonly byte[] _voip = "{\"aps\":{},\"type\":\"call\"}"u8.ToArray();

    /// <summary>What is shown, by the app's own words, unless its extension fetches and shows better.</summary>
    public static byte[] AlertOf(PushKind kind) => kind is PushKind.Call ? _call : _fetch;

    /// <summary>What PushKit wakes the app with, which then reports the call.</summary>
    public static byte[] Voip => _voip;

    /// <summary>The members of an alert.</summary>
    public static void WriteAlert(Utf8JsonWriter json, PushKind kind)
    {
        json.WriteStartObject("aps"u8);
        json.WriteStartObject("alert"u8);
        json.WriteString("loc-key"u8, PushText.LocKey(kind));
        json.WriteEndObject();
        json.WriteNumber("mutable-content"u8, 1);
        json.WriteEndObject();
        json.WriteString(PushText.Type, PushText.Word(kind));
    }

    /// <summary><c>apns-expiration</c>: seconds since 1970; 0 to try once and not keep it.</summary>
    public static string Expiration(TimeSpan ttl, DateTimeOffset now) =>
        ttl <= TimeSpan.Zero ? "0" : (now.ToUnixTimeSeconds() + PushText.Seconds(ttl, TimeSpan.MaxValue)).ToString(CultureInfo.InvariantCulture);

    private static byte[] Alert(PushKind kind)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            WriteAlert(json, kind);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }
}
