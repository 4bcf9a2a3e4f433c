using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Chats;

/// <summary>What of a chat changes (protocol 4.3).</summary>
/// <param name="ChatId">The chat.</param>
/// <param name="EncryptedMetadata">Opaque; null to keep what there is.</param>
/// <param name="RemovesMetadata">Whether there is to be none any more.</param>
/// <param name="MessageTtl">Seconds that messages live which are sent from now on; null to keep what there is.</param>
/// <param name="RemovesTtl">Whether they are to live for ever.</param>
public sealed record ChangeChatCommand(ChatId ChatId, byte[]? EncryptedMetadata, bool RemovesMetadata, int? MessageTtl, bool RemovesTtl);

/// <summary>Changes what a chat says of itself: a group's admins, and either side of a direct chat.</summary>
public sealed class ChangeChat(IDatabase database, EventWriter events, TimeProvider clock)
{
    /// <returns>The chat as it is now; <c>not_found</c>, <c>not_admin</c> or <c>blocked</c>.</returns>
    public ValueTask<Result<ChatView>> RunAsync(Caller caller, ChangeChatCommand command, CancellationToken cancellation) =>
        database.WriteAsync<ChatView>(async tx =>
        {
            if (await tx.Chats.FindMembershipAsync(command.ChatId, caller.UserId) is not { } membership)
            {
                return Errors.NotFound;
            }
            if (membership is { Type: ChatType.Group, Role: not ParticipantRole.Admin })
            {
                return Errors.NotAdmin;
            }
            if (membership.IsReadOnly)
            {
                return Errors.Blocked;
            }
            var now = clock.Now();
            var view = (await tx.Chats.ViewAsync(command.ChatId, caller.UserId, now))!;
            var metadata = command.RemovesMetadata ? null : command.EncryptedMetadata ?? view.Chat.EncryptedMetadata;
            var ttl = command.RemovesTtl ? null : command.MessageTtl ?? view.Chat.MessageTtl;
            if (metadata.AsSpan().SequenceEqual(view.Chat.EncryptedMetadata) && (metadata is null) == (view.Chat.EncryptedMetadata is null) && ttl == view.Chat.MessageTtl)
            {
                return view;
            }
            await tx.Chats.ChangeAsync(command.ChatId, metadata, ttl);
            var chat = view.Chat with { EncryptedMetadata = metadata, MessageTtl = ttl, UpdatedAt = now };
            var audience = chat.Participants.Select(participant => participant.UserId).ToList();
            await events.AppendActivityAsync(tx, chat.Id, new ChatUpdated(chat), audience, caller.SessionId, now);
            return view with { Chat = chat };
        }, cancellation);
}
