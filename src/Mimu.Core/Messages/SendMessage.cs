using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Push;
using Mimu.Core.Storage;

namespace Mimu.Core.Messages;

/// <summary>A message that somebody wants to send (protocol 5.1).</summary>
/// <param name="ChatId">Where to.</param>
/// <param name="Payload">At least one byte.</param>
/// <param name="Type">1–32 of <c>a-z 0-9 _ . -</c>.</param>
/// <param name="ReplyTo">A message of the same chat; null for none.</param>
/// <param name="ClientMessageId">Makes a repeat harmless; null for none.</param>
/// <param name="MembershipVersion">Which members it was encrypted for; null if the sender does not say.</param>
/// <param name="ExpiresIn">Seconds that it lives; null for as long as the chat says.</param>
public sealed record SendMessageCommand(
    ChatId ChatId,
    byte[] Payload,
    string Type,
    MessageId? ReplyTo,
    Guid? ClientMessageId,
    long? MembershipVersion,
    int? ExpiresIn);

/// <summary>What became of it.</summary>
/// <param name="Message">As it is stored.</param>
/// <param name="IsNew">False for a repeat, which stored nothing.</param>
public sealed record SentMessage(Message Message, bool IsNew);

/// <summary>Takes a message: when it answers with one, the message is on disk and in the stream of every participant.</summary>
public sealed class SendMessage(IDatabase database, WakeUps wakeUps, TimeProvider clock)
{
    /// <returns>The message; <c>not_found</c>, <c>blocked</c>, <c>stale_membership</c>, or <c>validation_failed</c> for a reply to something else.</returns>
    public ValueTask<Result<SentMessage>> RunAsync(Caller caller, SendMessageCommand command, CancellationToken cancellation) =>
        database.WriteAsync<SentMessage>(async tx =>
        {
            // Not before it is this message's turn, so that times follow the order of messages.
            var now = clock.Now();
            if (await FindFirstAsync(tx, caller, command.ClientMessageId, now) is { } first)
            {
                return new SentMessage(first, IsNew: false);
            }
            var membership = await tx.Chats.FindMembershipAsync(command.ChatId, caller.UserId);
            if (Refusal(membership, command.MembershipVersion) is { } refusal)
            {
                return refusal;
            }
            if (command.ReplyTo is { } replyTo && !(await tx.Messages.FindPositionAsync(command.ChatId, replyTo) > membership!.JoinedPosition))
            {
                return new ValidationFailed([new Fault("reply_to", "must be a message of the same chat")]);
            }
            var message = new Message(Ids.NewMessageId(now), Position: 0, command.ChatId, caller.UserId, caller.DeviceId, command.Type, command.Payload,
                command.ReplyTo, ForwardedFrom: null, now, EditedAt: null, ExpiryOf(command.ExpiresIn, membership!.MessageTtl, now), command.ClientMessageId);
            return new SentMessage(await StoreAsync(tx, message, caller.SessionId, wakeUps), IsNew: true);
        }, cancellation);

    /// <summary>The first message of what may be a repeat, for a caller who may send nothing at the moment; null when it is none.</summary>
    public ValueTask<SentMessage?> FindRepeatAsync(Caller caller, SendMessageCommand command, CancellationToken cancellation) =>
        database.ReadAsync<SentMessage?>(async tx =>
            await FindFirstAsync(tx, caller, command.ClientMessageId, clock.Now()) is { } first ? new SentMessage(first, IsNew: false) : null, cancellation);

    /// <summary>What the caller sent first under an id of their own, without its payload when it is gone; null for nothing.</summary>
    internal static async ValueTask<Message?> FindFirstAsync(ITransaction tx, Caller caller, Guid? clientMessageId, DateTimeOffset now) =>
        clientMessageId is { } own && await tx.Messages.FindSentAsync(caller.UserId, own) is { } first
            ? first.IsGone(now) ? first with { Payload = [] } : first
            : null;

    /// <summary>Why somebody may not send into a chat; null when they may.</summary>
    internal static Error? Refusal(Membership? membership, long? membershipVersion) =>
        membership is null ? Errors.NotFound
        : membership.IsReadOnly ? Errors.Blocked
        : membershipVersion is { } version && version != membership.MembershipVersion ? new StaleMembership(membership.MembershipVersion)
        : null;

    /// <summary>Stores a message in the streams of all participants, has it told to them, and has those woken who are away.</summary>
    internal static async ValueTask<Message> StoreAsync(ITransaction tx, Message message, SessionId origin, WakeUps wakeUps)
    {
        var cursor = await tx.Messages.AddAsync(message);
        message = message with { Position = cursor.Position };
        var participants = await tx.Chats.ListParticipantsAsync(message.ChatId);
        tx.Publish(new Publication(cursor, new NewMessage(message), participants, origin));
        await wakeUps.QueueAsync(tx, message, participants, message.CreatedAt);
        return message;
    }

    /// <summary>The shorter of the message's own life and the chat's (protocol 5.6).</summary>
    internal static DateTimeOffset? ExpiryOf(int? expiresIn, int? messageTtl, DateTimeOffset now)
    {
        int? seconds = expiresIn is { } own ? Math.Min(own, messageTtl ?? own) : messageTtl;
        return seconds is { } life ? now.AddSeconds(life) : null;
    }
}
