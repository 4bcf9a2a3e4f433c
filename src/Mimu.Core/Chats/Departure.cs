using Mimu.Core.Accounts;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Chats;

/// <summary>What remains of a chat that somebody is no longer in.</summary>
/// <param name="Removed">What they were.</param>
/// <param name="Remaining">Who is still in it; with nobody left, the chat is gone.</param>
/// <param name="Heir">Who became admin because the last one went; null when nobody had to.</param>
public sealed record Departed(RemovedParticipant Removed, IReadOnlyList<UserId> Remaining, UserId? Heir);

/// <summary>
/// Takes somebody out of a chat within a larger piece of work (protocol 4.5), and tells everybody: when the last admin goes, the longest-standing member takes
/// the office; when the last participant goes, chat and messages go too.
/// </summary>
internal static class Departure
{
    /// <returns>Null when they were not in it.</returns>
    public static async ValueTask<Departed?> RunAsync(ITransaction tx, EventWriter events, ChatId chat, Account leaver, Caller by)
    {
        if (await tx.Chats.RemoveParticipantAsync(chat, leaver.Id) is not { } removed)
        {
            return null;
        }
        var remaining = await tx.Chats.ListParticipantsAsync(chat);
        var left = new ParticipantRemoved(new(chat, leaver.Id, leaver.PublicId, by.UserId, removed.Role, removed.MembershipVersion));
        await events.AppendActivityAsync(tx, chat, left, [.. remaining, leaver.Id], by.SessionId);
        await tx.Chats.EndViewAsync(chat, leaver.Id);
        if (remaining.Count == 0)
        {
            await tx.Chats.RemoveAsync(chat);
            return new Departed(removed, remaining, Heir: null);
        }
        if (await tx.Chats.AppointAdminAsync(chat) is not { } heir)
        {
            return new Departed(removed, remaining, Heir: null);
        }
        var account = (await tx.Accounts.FindAsync(heir))!;
        await events.AppendActivityAsync(tx, chat, new ParticipantRoleChanged(
            new(chat, heir, account.PublicId, by.UserId, ParticipantRole.Admin, removed.MembershipVersion)), remaining, by.SessionId);
        return new Departed(removed, remaining, heir);
    }
}
