using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Chats;

/// <summary>Takes somebody out of a group (protocol 4.5): oneself, or as an admin another.</summary>
public sealed class RemoveParticipant(IDatabase database, EventWriter events)
{
    /// <returns>What remains; <c>not_found</c>, <c>direct_chat</c> or <c>not_admin</c>.</returns>
    public ValueTask<Result<Departed>> RunAsync(Caller caller, ChatId chat, UserId user, CancellationToken cancellation) =>
        database.WriteAsync<Departed>(async tx =>
        {
            if (await tx.Chats.FindMembershipAsync(chat, caller.UserId) is not { } membership)
            {
                return Errors.NotFound;
            }
            if (membership.Type is ChatType.Direct)
            {
                return Errors.DirectChat;
            }
            if (user != caller.UserId && membership.Role is not ParticipantRole.Admin)
            {
                return Errors.NotAdmin;
            }
            return await tx.Accounts.FindAsync(user) is { } account && await Departure.RunAsync(tx, events, chat, account, caller) is { } departed
                ? departed
                : Errors.NotFound;
        }, cancellation);
}
