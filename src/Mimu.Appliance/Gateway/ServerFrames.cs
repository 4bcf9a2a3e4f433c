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
    public static byte[] ResyncRequired { get; } = """{"type":"ResyncRequired"}"""u8.ToArray();

    public static byte[] Hello(Caller caller, Cursor cursor, TimeSpan heartbeat) => Wire.Bytes((caller, cursor, heartbeat), static (writer, hello) =>
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

    public static byte[] Missed(StreamEvent happened, UserId viewer) =>
        Wire.Bytes((happened, viewer), static (writer, missed) => EventJson.Write(writer, missed.happened, missed.viewer));

    /// <summary>A live event, serialised once for all sockets; only a sender's own devices see more of a message than others.</summary>
    public static byte[] Live(Publication publication, UserId viewer)
    {
        var frames = (EncodedEvent)(publication.Encoded ??= new EncodedEvent());
        var message = publication.Event switch
        {
            NewMessage added => added.Message,
            MessageEdited edited => edited.Message,
            _ => null,
        };
        var forSender = message is { ClientMessageId: not null } && message.SenderId == viewer;
        return forSender
            ? frames.ForSender ??= Encode(publication, forSender: true)
            : frames.ForOthers ??= Encode(publication, forSender: false);
    }

    /// <summary>What one socket alone is told, and what is kept nowhere.</summary>
    public static byte[] Signal(Event happened) => Encode(new Publication(Cursor: null, happened, [], Origin: null), forSender: false);

    public static byte[] Pong(string? id) => Wire.Bytes(id, static (writer, id) =>
    {
        WriteStart(writer, "Pong"u8, id);
        writer.WriteEndObject();
    });

    public static byte[] Ack(string id, Message message) => Wire.Bytes((id, message), static (writer, ack) =>
    {
        WriteStart(writer, "Ack"u8, ack.id);
        writer.WritePropertyName("data"u8);
        JsonSerializer.Serialize(writer, MessageBody.From(ack.message, forSender: true), MimuJson.Default.MessageBody);
        writer.WriteEndObject();
    });

    public static byte[] Ack(string id) => Wire.Bytes(id, static (writer, id) =>
    {
        WriteStart(writer, "Ack"u8, id);
        writer.WriteStartObject("data"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static byte[] Refusal(string? id, Error error) => Wire.Bytes((id, error), static (writer, refusal) =>
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

    private static byte[] Encode(Publication publication, bool forSender) =>
        Wire.Bytes((publication, forSender), static (writer, live) => EventJson.Write(writer, live.publication, live.forSender));

    /// <summary>The frames of one event, made when the first socket asks.</summary>
    private sealed class EncodedEvent
    {
        public byte[]? ForOthers { get; set; }

        public byte[]? ForSender { get; set; }
    }
}
