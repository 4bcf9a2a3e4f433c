using Mimu.Appliance.Http;
using Mimu.Appliance.Messages;
using Mimu.Core;
using Mimu.Core.Chats;

namespace Mimu.Appliance.Chats;

/// <summary>The bodies of protocol section 4.</summary>
internal sealed class ChatBodies(Limits limits)
{
    /// <summary>The words of the protocol for the types of chats.</summary>
    private static readonly (string Word, ChatType Value)[] _types = [("direct", ChatType.Direct), ("group", ChatType.Group)];

    public CreateChatCommand Create(Fields fields) => new(
        fields.Ids("participant_ids", limits.MaxParticipants).Select(id => new UserId(id)).ToList(),
        fields.OptionalChoice("type", _types),
        fields.OptionalOpaque("encrypted_metadata", limits.MaxMetadata),
        (int?)fields.OptionalInteger("message_ttl", 1, Limits.MaxLifetimeSeconds));

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
