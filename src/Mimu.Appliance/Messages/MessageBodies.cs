using System.Buffers;
using Mimu.Appliance.Http;
using Mimu.Core;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Messages;

/// <summary>The bodies of protocol section 5.</summary>
internal sealed class MessageBodies(Limits limits)
{
    private const string TypeForm = "must be 1 to 32 of a-z, 0-9, _, . and -";
    private const int MaxType = 32;

    private static readonly SearchValues<char> _typeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_.-");

    /// <summary>The most bytes of a message's payload.</summary>
    public int MaxPayload => limits.MaxPayload;

    /// <summary>Also the frame <c>SendMessage</c>, whose members stand beside its type.</summary>
    public SendMessageCommand Send(Fields fields) => new(
        new ChatId(fields.Id("chat_id")),
        fields.Opaque("encrypted_payload", limits.MaxPayload),
        fields.Formed("message_type", TypeForm, IsType),
        fields.OptionalId("reply_to") is { } replyTo ? new MessageId(replyTo) : null,
        fields.OptionalId("client_message_id"),
        fields.OptionalInteger("membership_version", 0, long.MaxValue),
        (int?)fields.OptionalInteger("expires_in", 1, Limits.MaxLifetimeSeconds));

    /// <summary>Reads a body that asks to send.</summary>
    public Result<SendMessageCommand> ReadSend(ReadOnlySequence<byte> body) =>
        body.IsSingleSegment && SendJson.TryReadBody(body.FirstSpan, MaxPayload, out var command) ? command : JsonBody.Parse(body, Send);

    public byte[] Edit(Fields fields) => fields.Opaque("encrypted_payload", limits.MaxPayload);

    public IReadOnlyList<ForwardTarget> Forward(Fields fields)
    {
        var targets = fields.Objects("targets", 1, Limits.MaxForwardTargets, target => new ForwardTarget(
            new ChatId(target.Id("chat_id")),
            target.Opaque("encrypted_payload", limits.MaxPayload),
            target.OptionalId("client_message_id"),
            target.OptionalInteger("membership_version", 0, long.MaxValue)));
        var own = new HashSet<Guid>();
        for (var i = 0; i < targets.Count; i++)
        {
            if (targets[i].ClientMessageId is { } id && !own.Add(id))
            {
                fields.Fault($"targets[{i}].client_message_id", "must not be that of another target");
            }
        }
        return targets;
    }

    /// <summary>Whether a message may be of this type.</summary>
    public static bool IsType(string text) => text.Length is >= 1 and <= MaxType && !text.AsSpan().ContainsAnyExcept(_typeCharacters);
}

/// <summary>A message as one user sees it (protocol section 5).</summary>
internal sealed record MessageBody(
    Guid MessageId,
    Guid ChatId,
    Guid SenderId,
    int SenderDeviceId,
    string MessageType,
    byte[] EncryptedPayload,
    Guid? ReplyTo,
    Guid? ForwardedFrom,
    string CreatedAt,
    string? EditedAt,
    string? ExpiresAt,
    Guid? ClientMessageId)
{
    /// <param name="message">The message.</param>
    /// <param name="forSender">Whether its sender reads it, who alone is told the client_message_id.</param>
    public static MessageBody From(Message message, bool forSender) => new(
        message.Id.Value,
        message.ChatId.Value,
        message.SenderId.Value,
        message.SenderDeviceId,
        message.Type,
        message.Payload,
        message.ReplyTo?.Value,
        message.ForwardedFrom?.Value,
        Wire.Time(message.CreatedAt),
        message.EditedAt is { } edited ? Wire.Time(edited) : null,
        message.ExpiresAt is { } expires ? Wire.Time(expires) : null,
        forSender ? message.ClientMessageId : null);

    /// <inheritdoc cref="From(Message, bool)"/>
    public static MessageBody From(Message message, UserId viewer) => From(message, message.SenderId == viewer);
}

/// <summary>Some messages of a chat (protocol 5.2).</summary>
internal sealed record MessagesBody(IReadOnlyList<MessageBody> Messages, bool HasMore);

/// <summary>What a message was forwarded as, in the order of the targets (protocol 5.3).</summary>
internal sealed record ForwardedBody(IReadOnlyList<MessageBody> Messages);

/// <summary>The data of <c>MessageDeleted</c> (protocol section 6).</summary>
internal sealed record MessageDeletedBody(Guid ChatId, Guid MessageId);
