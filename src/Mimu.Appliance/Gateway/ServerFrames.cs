using System.Text.Json;
using Mimu.Appliance.Http;
using Mimu.Appliance.Messages;
using Mimu.Appliance.Sync;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Gateway;

/// <summary>What the server says over a socket (protocol section 7).</summary>
internal static class ServerFrames
{
    public static byte[] ResyncRequired { get; } = Frames.Text("""{"type":"ResyncRequired"}"""u8);

    public static byte[] Hello(Caller caller, Cursor cursor, TimeSpan heartbeat) => Wire.Frame((caller, cursor, heartbeat), static (writer, hello) =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "Hello"u8);
        writer.WriteStartObject("data"u8);
        writer.WriteString("user_id"u8, hello.caller.UserId.Value);
        writer.WriteNumber("device_id"u8, hello.caller.DeviceId);
        writer.WriteString("session_id"u8, hello.caller.SessionId.Value);
        writer.WriteString("cursor"u8, hello.cursor.ToString());
        writer.WriteNumber("heartbeat_seconds"u8, (long)hello.heartbeat.TotalSeconds);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static byte[] Missed(StreamEvent happened, UserId viewer) => happened.Message is { } message
        ? WithMessage(happened.Type, happened.Cursor, message, message.SenderId == viewer)
        : Wire.Frame((happened, viewer), static (writer, missed) => EventJson.Write(writer, missed.happened, missed.viewer));

    /// <summary>A live event, serialised once for all sockets; only a sender's own devices see more of a message than others.</summary>
    public static byte[] Live(Publication publication, UserId viewer)
    {
        var frames = (EncodedEvent)(publication.Encoded ??= new EncodedEvent());
        var message = MessageOf(publication.Event);
        var forSender = message is { ClientMessageId: not null } && message.SenderId == viewer;
        return forSender
            ? frames.ForSender ??= Encode(publication, forSender: true)
            : frames.ForOthers ??= Encode(publication, forSender: false);
    }

    /// <summary>What one socket alone is told, and what is kept nowhere.</summary>
    public static byte[] Signal(Event happened) => Encode(new Publication(Cursor: null, happened, [], Origin: null), forSender: false);

    public static byte[] Pong(string? id) => Wire.Frame(id, static (writer, id) =>
    {
        WriteStart(writer, "Pong"u8, id);
        writer.WriteEndObject();
    });

    public static byte[] Ack(string id, Message message) => Frames.Text((MaxEscape * id.Length) + FixedLength + MessageText.MaxLength(message), (id, message), static (target, ack) =>
    {
        var text = new MessageText.Utf8Text(target);
        text.Add("{\"type\":\"Ack\",\"id\":\""u8);
        text.AddEscaped(ack.id);
        text.Add("\",\"data\":"u8);
        var length = text.Length + MessageText.Write(target[text.Length..], ack.message, forSender: true);
        target[length++] = (byte)'}';
        return length;
    });

    public static byte[] Ack(string id) => Wire.Frame(id, static (writer, id) =>
    {
        WriteStart(writer, "Ack"u8, id);
        writer.WriteStartObject("data"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static byte[] Refusal(string? id, Error error) => Wire.Frame((id, error), static (writer, refusal) =>
    {
        WriteStart(writer, "Error"u8, refusal.id);
        writer.WriteStartObject("data"u8);
        writer.WriteString("code"u8, refusal.error.Code);
        writer.WriteString("detail"u8, refusal.error.Detail);
        ErrorData.Write(writer, refusal.error);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static void WriteStart(Utf8JsonWriter writer, ReadOnlySpan<byte> type, string? id)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        if (id is not null)
        {
            writer.WriteString("id"u8, id);
        }
    }

    private static Message? MessageOf(Event happened) => happened switch
    {
        NewMessage added => added.Message,
        MessageEdited edited => edited.Message,
        _ => null,
    };

    private static byte[] Encode(Publication publication, bool forSender) => MessageOf(publication.Event) is { } message
        ? WithMessage(publication.Event.Type, publication.Cursor!.Value, message, forSender)
        : Wire.Frame((publication, forSender), static (writer, live) => EventJson.Write(writer, live.publication, live.forSender));

    private static byte[] WithMessage(string type, Cursor cursor, Message message, bool forSender) =>
        Frames.Text(FixedLength + MessageText.MaxLength(message), (type, cursor, message, forSender), static (target, happened) =>
        {
            var text = new MessageText.Utf8Text(target);
            text.Add("{\"type\":\""u8);
            text.AddAscii(happened.type);
            text.Add("\",\"cursor\":\""u8);
            happened.cursor.Write(target[text.Length..]);
            var length = text.Length + Cursor.TextLength;
            "\",\"data\":"u8.CopyTo(target[length..]);
            length += "\",\"data\":"u8.Length;
            length += MessageText.Write(target[length..], happened.message, happened.forSender);
            target[length++] = (byte)'}';
            return length;
        });

    /// <summary>What stands around a message: names, a type, a cursor.</summary>
    private const int FixedLength = 128;

    /// <summary>A character takes no more bytes, be it an escape or UTF-8.</summary>
    private const int MaxEscape = 6;

    /// <summary>The frames of one event, made when the first socket asks.</summary>
    private sealed class EncodedEvent
    {
        public byte[]? ForOthers { get; set; }

        public byte[]? ForSender { get; set; }
    }
}
