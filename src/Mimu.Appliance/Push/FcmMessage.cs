using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>
/// A push as FCM's HTTP v1 API takes it (<c>projects.messages.send</c>): data alone for Android, where the app shows what it likes; for iPhones an alert that the app's extension
/// replaces, since iOS holds back what has data alone.
/// </summary>
internal static class FcmMessage
{
    /// <summary>The most that FCM keeps a push (AndroidConfig.ttl).</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(28);

    public static ReadOnlyMemory<byte> Write(string token, PushKind kind, TimeSpan ttl, DateTimeOffset now)
    {
        var seconds = PushText.Seconds(ttl, _longest);
        var word = PushText.Word(kind);
        var bytes = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        json.WriteStartObject("message"u8);
        json.WriteString("token"u8, token);
        json.WriteStartObject("data"u8);
        json.WriteString(PushText.Type, word);
        json.WriteEndObject();

        json.WriteStartObject("android"u8);
        json.WriteString("priority"u8, "HIGH"u8);
        json.WriteString("ttl"u8, string.Create(CultureInfo.InvariantCulture, $"{seconds}s"));
        // Of several that were not delivered, the last one is enough.
        json.WriteString("collapse_key"u8, word);
        json.WriteEndObject();

        json.WriteStartObject("apns"u8);
        json.WriteStartObject("headers"u8);
        json.WriteString("apns-push-type"u8, "alert"u8);
        json.WriteString("apns-priority"u8, "10"u8);
        json.WriteString("apns-expiration"u8, ApnsMessage.Expiration(ttl, now));
        json.WriteString("apns-collapse-id"u8, word);
        json.WriteEndObject();
        json.WriteStartObject("payload"u8);
        ApnsMessage.WriteAlert(json, kind);
        json.WriteEndObject();
        json.WriteEndObject();

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }
}
