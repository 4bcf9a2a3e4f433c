using Mimu.Appliance.Http;
using Mimu.Appliance.Messages;
using Mimu.Core;
using Mimu.Core.Chats;
using Mimu.Core.Events;

namespace Mimu.Appliance.Chats;

/// <summary>The bodies of protocol section 4.</summary>
internal sealed class ChatBodies(Limits limits)
{
    /// <summary>The words of the protocol for the types of chats.</summary>
    private static readonly (string Word, ChatType Value)[] _types = [("direct", ChatType.Direct), ("group", ChatType.Group)];

    private static readonly (string Word, ParticipantRole Value)[] _roles = [("admin", ParticipantRole.Admin), ("member", ParticipantRole.Member)];

    public CreateChatCommand Create(Fields fields) => new(
        fields.Ids("participant_ids", limits.MaxParticipants).Select(id => new UserId(id)).ToList(),
        fields.OptionalChoice("type", _types),
        fields.OptionalOpaque("encrypted_metadata", limits.MaxMetadata),
        (int?)fields.OptionalInteger("message_ttl", 1, Limits.MaxLifetimeSeconds));

    public ChangeChatCommand Change(Fields fields, ChatId chat) => new(
        chat,
        fields.OptionalOpaque("encrypted_metadata", limits.MaxMetadata),
        fields.IsNull("encrypted_metadata"),
        (int?)fields.OptionalInteger("message_ttl", 1, Limits.MaxLifetimeSeconds),
        fields.IsNull("message_ttl"));

    public static UserId Add(Fields fields) => new(fields.Id("user_id"));

    public static ParticipantRole Role(Fields fields) => fields.Choice("role", _roles);

    public static MoveReadMarkerCommand Read(Fields fields, ChatId chat) => new(chat, new MessageId(fields.Id("message_id")), fields.OptionalFlag("private"));

    public static (ChatListCursor? Before, int Limit) List(Query query) => (Before(query), query.Limit());

    private static ChatListCursor? Before(Query query)
    {
        ChatListCursor cursor = default;
        return query.OptionalFormed("before", "must be the `next` of a page of chats", text => ChatListCursor.TryParse(text, out cursor)) is null ? null : cursor;
    }

    public static string WordOf(ChatType type) => type switch
    {
        ChatType.Direct => "direct",
        ChatType.Group => "group",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public static string WordOf(ParticipantRole role) => role switch
    {
        ParticipantRole.Admin => "admin",
        ParticipantRole.Member => "member",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };
}

/// <summary>Someone in a chat (protocol section 4).</summary>
internal sealed record ParticipantBody(Guid UserId, string PublicId, string DisplayName, string Role, string JoinedAt)
{
    public static ParticipantBody From(Participant participant) => new(participant.UserId.Value, participant.PublicId, participant.DisplayName,
        ChatBodies.WordOf(participant.Role), Wire.Time(participant.JoinedAt));
}

/// <summary>A chat as events tell of it: nobody has read anything in it yet (protocol section 6).</summary>
internal sealed record SharedChatBody(
    Guid ChatId, string Type, Guid CreatedBy, string CreatedAt, string UpdatedAt, long MembershipVersion, string? EncryptedMetadata, int? MessageTtl,
    IReadOnlyList<ParticipantBody> Participants, Guid? ReadMarker)
{
    public static SharedChatBody From(Chat chat) => new(chat.Id.Value, ChatBodies.WordOf(chat.Type), chat.CreatedBy.Value, Wire.Time(chat.CreatedAt),
        Wire.Time(chat.UpdatedAt), chat.MembershipVersion, Wire.Base64(chat.EncryptedMetadata), chat.MessageTtl,
        chat.Participants.Select(ParticipantBody.From).ToList(), ReadMarker: null);
}

/// <summary>A chat as one participant sees it (protocol section 4).</summary>
internal sealed record ChatBody(
    Guid ChatId, string Type, Guid CreatedBy, string CreatedAt, string UpdatedAt, long MembershipVersion, string? EncryptedMetadata, int? MessageTtl,
    IReadOnlyList<ParticipantBody> Participants, MessageBody? LastMessage, long UnreadCount, Guid? ReadMarker)
{
    public static ChatBody From(ChatView view, UserId viewer)
    {
        var shared = SharedChatBody.From(view.Chat);
        return new(shared.ChatId, shared.Type, shared.CreatedBy, shared.CreatedAt, shared.UpdatedAt, shared.MembershipVersion, shared.EncryptedMetadata,
            shared.MessageTtl, shared.Participants, view.LastMessage is { } last ? MessageBody.From(last, viewer) : null, view.UnreadCount,
            view.ReadMarker?.Value);
    }
}

/// <summary>Some of somebody's chats (protocol 4.2).</summary>
internal sealed record ChatsBody(IReadOnlyList<ChatBody> Chats, string? Next)
{
    public static ChatsBody From(ChatPage page, UserId viewer) => new(page.Chats.Select(view => ChatBody.From(view, viewer)).ToList(), page.Next?.ToString());
}

/// <summary>The data of <c>ParticipantAdded</c>, <c>ParticipantRemoved</c> and <c>ParticipantRoleChanged</c> (protocol section 6).</summary>
internal sealed record ParticipantChangeBody(Guid ChatId, Guid UserId, string PublicId, Guid By, string Role, long MembershipVersion)
{
    public static ParticipantChangeBody From(ParticipantChange change) => new(change.ChatId.Value, change.UserId.Value, change.PublicId.Value, change.By.Value,
        ChatBodies.WordOf(change.Role), change.MembershipVersion);
}

/// <summary>The data of <c>MessageRead</c> (protocol section 6).</summary>
internal sealed record MessageReadBody(Guid ChatId, Guid UserId, Guid MessageId);

/// <summary>The data of <c>TypingIndicator</c> (protocol section 6).</summary>
internal sealed record TypingIndicatorBody(Guid ChatId, Guid UserId, bool Active);
