using Mimu.Core.Events;

namespace Mimu.Core.Messages;

/// <summary>Messages, in one total order.</summary>
public interface IMessageStore
{
    /// <summary>Stores a message at the end of the stream.</summary>
    /// <returns>Its place.</returns>
    ValueTask<Cursor> AddAsync(Message message);

    /// <summary>What this sender once sent under this id of their own; null if nothing.</summary>
    ValueTask<Message?> FindSentAsync(UserId sender, Guid clientMessageId);

    /// <summary>Where a message of this chat stands, also one that is gone; null if it is not of this chat.</summary>
    ValueTask<long?> FindPositionAsync(ChatId chat, MessageId message);

    /// <summary>Messages of a chat that are not deleted and not expired.</summary>
    ValueTask<MessagePage> ListAsync(ChatId chat, MessageRange range, DateTimeOffset now);
}
