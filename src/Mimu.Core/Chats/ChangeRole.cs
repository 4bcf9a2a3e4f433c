using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Chats;

/// <summary>Gives somebody in a group another role (protocol 4.5). A group is never without an admin.</summary>
public sealed class ChangeRole(IDatabase database, EventWriter events)
{
    /// <returns>Their place; <c>not_found</c>, <c>direct_chat</c>, <c>not_admin</c>, or <c>validation_failed</c> for the last admin's own.</returns>
    public ValueTask<Result<Participant>> RunAsync(Caller caller, ChatId chat, UserId user, ParticipantRole role, CancellationToken cancellation) =>
        database.WriteAsync<Participant>(async tx =>
        {
            if (await tx.Chats.FindMembershipAsync(chat, caller.UserId) is not { } membership)
            {
                return Errors.NotFound;
            }
            if (membership.Type is ChatType.Direct)
            {
                return Errors.DirectChat;
            }
            if (membership.Role is not ParticipantRole.Admin)
            {
                return Errors.NotAdmin;
            }
            if (await tx.Chats.FindParticipantAsync(chat, user) is not { } participant)
            {
                return Errors.NotFound;
            }
            if (participant.Role == role)
            {
                return participant;
            }
            await tx.Chats.SetRoleAsync(chat, user, role);
            if (await tx.Chats.AppointAdminAsync(chat) is not null)
            {
                return new ValidationFailed([new Fault("role", "must not be `member` for the last admin: make somebody else admin first")]);
            }
            await events.AppendActivityAsync(tx, chat, new ParticipantRoleChanged(
                new(chat, user, (await tx.Accounts.FindAsync(user))!.PublicId, caller.UserId, role, membership.MembershipVersion)),
                await tx.Chats.ListParticipantsAsync(chat), caller.SessionId);
            return participant with { Role = role };
        }, cancellation);
}
