using System.Text.Json;
using Mimu.Appliance.Http;
using Mimu.Appliance.Sync;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Gateway;

/// <summary>What the server says over a socket (protocol section 7).</summary>
internal static class ServerFrames
{
    public static ServerFrame ResyncRequired { get; } = Frames.Text("""{"type":"ResyncRequired"}"""u8);

    public static ServerFrame Hello(Caller caller, Cursor cursor, TimeSpan heartbeat) => Wire.Frame((caller, cursor, heartbeat), static (writer, hello) =>
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

    public static ServerFrame Missed(StreamEvent happened, UserId viewer) => happened.Message is { } message
        ? MessageFrame.Event(happened.Type, happened.Cursor, message, message.SenderId == viewer)
        : Wire.Frame((happened, viewer), static (writer, missed) => EventJson.Write(writer, missed.happened, missed.viewer));

    /// <summary>A live event for one more socket, serialised once for all; only a sender's own devices see more of a message than others.</summary>
    public static ServerFrame Live(Publication publication, UserId viewer)
    {
        if (MessageOf(publication.Event) is not { } message)
        {
            return (ServerFrame)(publication.Encoded ??= Encode(publication));
        }
        var frames = (EncodedMessage)(publication.Encoded ??= new EncodedMessage());
        var forSender = message.ClientMessageId is not null && message.SenderId == viewer;
        var frame = forSender
            ? frames.ForSender ??= MessageFrame.Event(publication.Event.Type, publication.Cursor!.Value, message, forSender: true)
            : frames.ForOthers ??= MessageFrame.Event(publication.Event.Type, publication.Cursor!.Value, message, forSender: false);
        return frame.ForOneMore();
    }

    /// <summary>What one socket alone is told, and what is kept nowhere.</summary>
    public static ServerFrame Signal(Event happened) => Encode(new Publication(Cursor: null, happened, [], Origin: null));

    public static ServerFrame Pong(string? id) => Wire.Frame(id, static (writer, id) =>
    {
        WriteStart(writer, "Pong"u8, id);
        writer.WriteEndObject();
    });

    public static ServerFrame Ack(string id, Message message) => MessageFrame.Ack(id, message);

    public static ServerFrame Ack(string id) => Wire.Frame(id, static (writer, id) =>
    {
        WriteStart(writer, "Ack"u8, id);
        writer.WriteStartObject("data"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>What became of a frame of a call.</summary>
    public static ServerFrame Ack(string id, bool isDelivered) => Wire.Frame((id, isDelivered), static (writer, ack) =>
    {
        WriteStart(writer, "Ack"u8, ack.id);
        writer.WriteStartObject("data"u8);
        writer.WriteBoolean("delivered"u8, ack.isDelivered);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static ServerFrame Refusal(string? id, Error error) => Wire.Frame((id, error), static (writer, refusal) =>
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

    private static ServerFrame Encode(Publication publication) =>
        Wire.Frame(publication, static (writer, live) => EventJson.Write(writer, live, forSender: false));

    /// <summary>The frames of one message, made when the first socket asks.</summary>
    private sealed class EncodedMessage
    {
        public MessageFrame? ForOthers { get; set; }

        public MessageFrame? ForSender { get; set; }
    }
}
