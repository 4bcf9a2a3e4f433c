using Mimu.Core.Storage;

namespace Mimu.Core.Chats;

/// <summary>What remains of a chat that somebody is no longer in.</summary>
/// <param name="Removed">What they were.</param>
/// <param name="Remaining">Who is still in it; with nobody left, the chat is gone.</param>
/// <param name="Heir">Who became admin because the last one went; null when nobody had to.</param>
public sealed record Departed(RemovedParticipant Removed, IReadOnlyList<UserId> Remaining, UserId? Heir);

/// <summary>
/// Takes somebody out of a chat within a larger piece of work (protocol 4.5): when the last admin goes, the longest-standing member takes the office; when the
/// last participant goes, chat and messages go too. Telling the others is the caller's, who knows why it happened.
/// </summary>
internal static class Departure
{
    /// <returns>Null when they were not in it.</returns>
    public static async ValueTask<Departed?> RunAsync(ITransaction tx, ChatId chat, UserId user, DateTimeOffset now)
    {
        if (await tx.Chats.RemoveParticipantAsync(chat, user, now) is not { } removed)
        {
            return null;
        }
        var remaining = await tx.Chats.ListParticipantsAsync(chat);
        if (remaining.Count > 0)
        {
            return new Departed(removed, remaining, await tx.Chats.AppointAdminAsync(chat));
        }
        await tx.Chats.RemoveAsync(chat);
        return new Departed(removed, [], Heir: null);
    }
}
