using Mimu.Core.Chats;
using Mimu.Core.Storage;

namespace Mimu.Core.Messages;

/// <summary>A message that somebody may see, and what they are in its chat.</summary>
public sealed record VisibleMessage(Message Message, Membership Membership)
{
    /// <summary>Null for one that is not there, is gone, or is not theirs to know of.</summary>
    public static async ValueTask<VisibleMessage?> FindAsync(ITransaction tx, Caller caller, MessageId id, DateTimeOffset now) =>
        await FindAsync(tx, caller, id) is { } found && !found.Message.IsGone(now) ? found : null;

    /// <summary>The same, also of a message that is gone.</summary>
    public static async ValueTask<VisibleMessage?> FindAsync(ITransaction tx, Caller caller, MessageId id) =>
        await tx.Messages.FindAsync(id) is { } message
        && await tx.Chats.FindMembershipAsync(message.ChatId, caller.UserId) is { } membership
        && membership.Sees(message.Position)
            ? new VisibleMessage(message, membership)
            : null;
}
