using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Chats;

/// <summary>Tells the others in a chat who are online that somebody writes (protocol section 7). It is kept nowhere.</summary>
public sealed class IndicateTyping(IDatabase database, IPubSub pubSub)
{
    /// <returns>How many others are in the chat; <c>not_found</c> or <c>blocked</c>.</returns>
    public async ValueTask<Result<int>> RunAsync(Caller caller, ChatId chat, bool active, CancellationToken cancellation)
    {
        var (membership, participants) = await database.ReadAsync(
            async tx => (await tx.Chats.FindMembershipAsync(chat, caller.UserId), await tx.Chats.ListParticipantsAsync(chat)), cancellation);
        if (membership is null)
        {
            return Errors.NotFound;
        }
        if (membership.IsReadOnly)
        {
            return Errors.Blocked;
        }
        var others = participants.Where(user => user != caller.UserId).ToList();
        pubSub.Publish([new Publication(Cursor: null, new TypingIndicator(chat, caller.UserId, active), others, caller.SessionId)]);
        return others.Count;
    }
}
