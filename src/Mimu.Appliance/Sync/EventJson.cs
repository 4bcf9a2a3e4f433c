using System.Text.Json;
using Mimu.Appliance.Chats;
using Mimu.Appliance.Http;
using Mimu.Appliance.Keys;
using Mimu.Appliance.Messages;
using Mimu.Appliance.Subscriptions;
using Mimu.Appliance.Users;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Sync;

/// <summary>Events on the wire, the same by pull and by push: <c>{ "type", "cursor", "data" }</c> (protocol section 6).</summary>
internal sealed class EventJson : IEventEncoder
{
    public ReadOnlyMemory<byte> Encode(Event happened) => Wire.Bytes(happened, static (writer, happened) => WriteData(writer, happened, forSender: false));

    /// <summary>An event of the stream, as this viewer sees it.</summary>
    public static void Write(Utf8JsonWriter writer, StreamEvent happened, UserId viewer)
    {
        WriteStart(writer, happened.Type, happened.Cursor);
        if (happened.Message is { } message)
        {
            WriteMessage(writer, message, message.SenderId == viewer);
        }
        else
        {
            writer.WriteRawValue(happened.Data.Span, skipInputValidation: true);
        }
        writer.WriteEndObject();
    }

    /// <summary>A live event.</summary>
    public static void Write(Utf8JsonWriter writer, Publication publication, bool forSender)
    {
        WriteStart(writer, publication.Event.Type, publication.Cursor);
        WriteData(writer, publication.Event, forSender);
        writer.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter writer, string type, Cursor? cursor)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        if (cursor is { } place)
        {
            writer.WriteString("cursor"u8, place.ToString());
        }
        writer.WritePropertyName("data"u8);
    }

    private static void WriteData(Utf8JsonWriter writer, Event happened, bool forSender)
    {
        switch (happened)
        {
            case NewMessage { Message: var message }:
                WriteMessage(writer, message, forSender);
                break;
            case MessageEdited { Message: var message }:
                WriteMessage(writer, message, forSender);
                break;
            case MessageDeleted deleted:
                JsonSerializer.Serialize(writer, new MessageDeletedBody(deleted.ChatId.Value, deleted.MessageId.Value), MimuJson.Default.MessageDeletedBody);
                break;
            case ChatCreated { Chat: var chat }:
                JsonSerializer.Serialize(writer, SharedChatBody.From(chat), MimuJson.Default.SharedChatBody);
                break;
            case ChatUpdated { Chat: var chat }:
                JsonSerializer.Serialize(writer, SharedChatBody.From(chat), MimuJson.Default.SharedChatBody);
                break;
            case ParticipantAdded { Change: var change }:
                JsonSerializer.Serialize(writer, ParticipantChangeBody.From(change), MimuJson.Default.ParticipantChangeBody);
                break;
            case ParticipantRemoved { Change: var change }:
                JsonSerializer.Serialize(writer, ParticipantChangeBody.From(change), MimuJson.Default.ParticipantChangeBody);
                break;
            case ParticipantRoleChanged { Change: var change }:
                JsonSerializer.Serialize(writer, ParticipantChangeBody.From(change), MimuJson.Default.ParticipantChangeBody);
                break;
            case MessageRead read:
                JsonSerializer.Serialize(writer, new MessageReadBody(read.ChatId.Value, read.UserId.Value, read.MessageId.Value), MimuJson.Default.MessageReadBody);
                break;
            case TypingIndicator typing:
                JsonSerializer.Serialize(writer, new TypingIndicatorBody(typing.ChatId.Value, typing.UserId.Value, typing.Active), MimuJson.Default.TypingIndicatorBody);
                break;
            case IdentityChanged changed:
                JsonSerializer.Serialize(writer, new KeysChangedBody(changed.UserId.Value, changed.PublicId.Value, changed.Fingerprint), MimuJson.Default.KeysChangedBody);
                break;
            case DevicesChanged changed:
                JsonSerializer.Serialize(writer, new KeysChangedBody(changed.UserId.Value, changed.PublicId.Value, changed.Fingerprint), MimuJson.Default.KeysChangedBody);
                break;
            case PrekeysLow low:
                JsonSerializer.Serialize(writer, new PrekeysLowBody(low.DeviceId, low.OneTimePrekeyCount, low.PqOneTimePrekeyCount), MimuJson.Default.PrekeysLowBody);
                break;
            case SubscriptionChanged { Status: var status }:
                JsonSerializer.Serialize(writer, SubscriptionBody.From(status), MimuJson.Default.SubscriptionBody);
                break;
            case CallSignal signal:
                WriteSignal(writer, signal);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(happened), happened.Type, "This event is not told to clients.");
        }
    }

    private static void WriteSignal(Utf8JsonWriter writer, CallSignal signal)
    {
        writer.WriteStartObject();
        writer.WriteString("from"u8, signal.From.Value);
        if (signal.FromDevice is { } device)
        {
            writer.WriteNumber("from_device_id"u8, device);
        }
        writer.WriteString("call_id"u8, signal.CallId);
        writer.WritePropertyName("payload"u8);
        // It was read as JSON; not a byte of it is the server's to change.
        writer.WriteRawValue(signal.Payload.Span, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter writer, Message message, bool forSender) => MessageText.Write(writer, message, forSender);
}
