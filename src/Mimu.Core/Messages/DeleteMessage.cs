using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Messages;

/// <summary>Erases what a message says, for everybody (protocol 5.5). Its row stays as a tombstone.</summary>
public sealed class DeleteMessage(IDatabase database, EventWriter events, TimeProvider clock)
{
    /// <returns>Whether it was there until now; <c>not_found</c> or <c>not_sender</c>. To delete what is gone is no fault: the caller may have missed the answer.</returns>
    public ValueTask<Result<bool>> RunAsync(Caller caller, MessageId id, CancellationToken cancellation) =>
        database.WriteAsync<bool>(async tx =>
        {
            var now = clock.Now();
            if (await VisibleMessage.FindAsync(tx, caller, id) is not { Message: var message, Membership: var membership })
            {
                return Errors.NotFound;
            }
            if (message.SenderId != caller.UserId && membership is not { Type: ChatType.Group, Role: ParticipantRole.Admin })
            {
                return message.IsGone(now) ? Errors.NotFound : Errors.NotSender;
            }
            if (message.IsDeleted)
            {
                return false;
            }
            await tx.Messages.EraseAsync(id);
            await events.AppendAsync(tx, message.ChatId, new MessageDeleted(message.ChatId, id), await tx.Chats.ListParticipantsAsync(message.ChatId), caller.SessionId);
            return true;
        }, cancellation);
}
