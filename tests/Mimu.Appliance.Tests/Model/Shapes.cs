using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Model;

/// <summary>What the model's things look like on the wire (protocol sections 4 to 6).</summary>
internal static class Shapes
{
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null);

    public static JsonObject Of(Message message, User viewer) => new()
    {
        ["message_id"] = message.Id,
        ["chat_id"] = message.Chat.Id,
        ["sender_id"] = message.Sender.Id,
        ["sender_device_id"] = message.DeviceId,
        ["message_type"] = message.Type,
        ["encrypted_payload"] = message.Payload,
        ["reply_to"] = message.ReplyTo,
        ["forwarded_from"] = message.ForwardedFrom,
        ["created_at"] = Time(message.CreatedAt),
        ["edited_at"] = message.EditedAt is { } edited ? Time(edited) : null,
        ["expires_at"] = message.ExpiresAt is { } expires ? Time(expires) : null,
        ["client_message_id"] = viewer == message.Sender ? message.OwnId : null,
    };

    public static JsonObject Of(Place place) => new()
    {
        ["user_id"] = place.User.Id,
        ["public_id"] = place.User.PublicId,
        ["display_name"] = place.User.PublicId,
        ["role"] = place.Role,
        ["joined_at"] = Time(place.JoinedAt),
    };

    /// <summary>As events tell of it.</summary>
    public static JsonObject Of(Chat chat) => new()
    {
        ["chat_id"] = chat.Id,
        ["type"] = chat.IsDirect ? "direct" : "group",
        ["created_by"] = chat.CreatedBy.Id,
        ["created_at"] = Time(chat.CreatedAt),
        ["updated_at"] = Time(chat.UpdatedAt),
        ["membership_version"] = chat.Version,
        ["encrypted_metadata"] = chat.Metadata,
        ["message_ttl"] = chat.Ttl,
        ["participants"] = new JsonArray([.. chat.Places.Select(Of)]),
        ["read_marker"] = null,
    };

    /// <summary>As one of its participants sees it.</summary>
    public static JsonObject Of(Chat chat, User viewer, DateTimeOffset now)
    {
        var place = chat.PlaceOf(viewer)!;
        var shape = Of(chat);
        shape["last_message"] = chat.Messages.LastOrDefault(message => place.Sees(message) && !message.IsGone(now)) is { } last ? Of(last, viewer) : null;
        shape["unread_count"] = chat.Messages.Skip(place.FirstUnread).Count(message => message.Sender != viewer && !message.IsGone(now));
        shape["read_marker"] = place.Read?.Id;
        return shape;
    }
}
