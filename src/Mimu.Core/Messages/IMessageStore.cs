using Mimu.Core.Events;

namespace Mimu.Core.Messages;

/// <summary>Messages, in one total order.</summary>
public interface IMessageStore
{
    /// <summary>Stores a message, which was never edited, at the end of the stream.</summary>
    /// <returns>Its place.</returns>
    ValueTask<Cursor> AddAsync(Message message);

    /// <summary>What this sender once sent under this id of their own; null if nothing.</summary>
    ValueTask<Message?> FindSentAsync(UserId sender, Guid clientMessageId);

    /// <summary>A message by its id, also one that is gone, whose payload may be erased; null if there is none.</summary>
    ValueTask<Message?> FindAsync(MessageId message);

    /// <summary>Where a message of this chat stands, also one that is gone; null if it is not of this chat.</summary>
    ValueTask<long?> FindPositionAsync(ChatId chat, MessageId message);

    /// <summary>Messages of a chat that are not deleted and not expired.</summary>
    ValueTask<MessagePage> ListAsync(ChatId chat, MessageRange range, DateTimeOffset now);

    /// <summary>Has a message say something else.</summary>
    /// <param name="edited">The message as it is to be.</param>
    /// <param name="position">Where its <c>MessageEdited</c> stands in the stream.</param>
    ValueTask EditAsync(Message edited, long position);

    /// <summary>Makes a message a tombstone, whose payload is erased.</summary>
    ValueTask EraseAsync(MessageId message);

    /// <summary>Makes tombstones of messages that have expired, at most <paramref name="limit"/>.</summary>
    /// <returns>How many there were.</returns>
    ValueTask<int> EraseExpiredAsync(DateTimeOffset now, int limit);

    /// <summary>Removes messages of before <paramref name="before"/>, the oldest first, at most <paramref name="limit"/>.</summary>
    /// <returns>How many there were, or <paramref name="limit"/> as long as there is more of earlier ones to clear away.</returns>
    ValueTask<int> RemoveOlderAsync(DateTimeOffset before, int limit);
}
