using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Chats;

/// <summary>How far somebody has read (protocol 4.7).</summary>
/// <param name="ChatId">In which chat.</param>
/// <param name="MessageId">Up to this message.</param>
/// <param name="Private">Whether only the caller's own devices are told.</param>
public sealed record MoveReadMarkerCommand(ChatId ChatId, MessageId MessageId, bool Private);

/// <summary>Notes how far somebody has read; it only moves forward.</summary>
public sealed class MoveReadMarker(IDatabase database, EventWriter events)
{
    /// <returns>Whether it moved; <c>not_found</c>, or <c>validation_failed</c> for a message that is not of this chat.</returns>
    public ValueTask<Result<bool>> RunAsync(Caller caller, MoveReadMarkerCommand command, CancellationToken cancellation) =>
        database.WriteAsync<bool>(async tx =>
        {
            if (await tx.Chats.FindMembershipAsync(command.ChatId, caller.UserId) is not { } membership)
            {
                return Errors.NotFound;
            }
            if (await tx.Messages.FindPositionAsync(command.ChatId, command.MessageId) is not { } position || !membership.Sees(position))
            {
                return new ValidationFailed([new Fault("message_id", "must be a message of this chat")]);
            }
            if (!await tx.Chats.MoveReadMarkerAsync(command.ChatId, caller.UserId, command.MessageId, position))
            {
                return false;
            }
            var read = new MessageRead(command.ChatId, caller.UserId, command.MessageId);
            if (command.Private)
            {
                await events.AppendToEachAsync(tx, [caller.UserId], read, caller.SessionId);
            }
            else
            {
                await events.AppendAsync(tx, command.ChatId, read, await tx.Chats.ListParticipantsAsync(command.ChatId), caller.SessionId);
            }
            return true;
        }, cancellation);
}
