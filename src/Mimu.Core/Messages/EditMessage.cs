using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Messages;

/// <summary>Has a message say something else (protocol 5.4).</summary>
public sealed class EditMessage(IDatabase database, EventWriter events, TimeProvider clock, Limits limits)
{
    /// <returns>The message as it is now; <c>not_found</c>, <c>not_sender</c>, <c>blocked</c> or <c>edit_window_closed</c>.</returns>
    public ValueTask<Result<Message>> RunAsync(Caller caller, MessageId id, byte[] payload, CancellationToken cancellation) =>
        database.WriteAsync<Message>(async tx =>
        {
            var now = clock.Now();
            if (await VisibleMessage.FindAsync(tx, caller, id, now) is not { Message: var message, Membership: var membership })
            {
                return Errors.NotFound;
            }
            if (message.SenderId != caller.UserId)
            {
                return Errors.NotSender;
            }
            if (membership.IsReadOnly)
            {
                return Errors.Blocked;
            }
            if (now - message.CreatedAt >= limits.EditWindow)
            {
                return Errors.EditWindowClosed;
            }
            var edited = message with { Payload = payload, EditedAt = now };
            var viewers = await tx.Chats.ListViewersAsync(message.ChatId, message.Position);
            var cursor = await events.AppendEditAsync(tx, edited, viewers, caller.SessionId);
            await tx.Messages.EditAsync(edited, cursor.Position);
            return edited;
        }, cancellation);
}
