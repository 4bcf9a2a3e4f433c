using Mimu.Core.Messages;

namespace Mimu.Core.Events;

/// <summary>The event stream: one order for everything; each user reads the stretches that are theirs.</summary>
public interface IEventStore
{
    /// <summary>Appends an event for everybody in a chat. Its data is kept as it goes over the wire, so that pull and push can't differ.</summary>
    /// <returns>Its place.</returns>
    ValueTask<Cursor> AppendAsync(ChatId audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now);

    /// <summary>Appends an event for one user alone, in whose stream it is whatever they are in.</summary>
    /// <returns>Its place.</returns>
    ValueTask<Cursor> AppendAsync(UserId audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now);

    /// <summary>Appends a <c>MessageEdited</c> for everybody in the message's chat who sees the message. Its data is the message's own row.</summary>
    /// <returns>Its place.</returns>
    ValueTask<Cursor> AppendEditAsync(Message edited, DateTimeOffset now);

    /// <summary>Removes a user's stream: what was for them alone, and their view of all else.</summary>
    ValueTask ForgetAsync(UserId user);

    /// <summary>The end of the stream: what was committed before this transaction lies before it.</summary>
    ValueTask<Cursor> EndAsync();

    /// <summary>
    /// The user's events after <paramref name="since"/>, in order, at most <paramref name="limit"/>; null when the cursor is not one that this
    /// database serves. Messages that are gone by <paramref name="now"/>, and those that were edited when the user saw the chat no longer, are left out.
    /// A page of large messages ends early, so that reading never takes much memory.
    /// </summary>
    ValueTask<EventPage?> ReadAsync(UserId user, Cursor since, int limit, DateTimeOffset now);

    /// <summary>Notes where the stream's end is at this moment, unless that was noted since <paramref name="unlessSince"/>: what <see cref="RetireAsync"/> measures age by.</summary>
    ValueTask MarkAsync(DateTimeOffset now, DateTimeOffset unlessSince);

    /// <summary>
    /// Serves no cursors from before <paramref name="before"/> any more, as far as there are marks of that age, and removes the events that only they could
    /// reach, at most <paramref name="limit"/> of them.
    /// </summary>
    /// <returns>How many were removed.</returns>
    ValueTask<int> RetireAsync(DateTimeOffset before, int limit);
}

/// <summary>A stretch of a user's stream.</summary>
/// <param name="Events">In order.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="HasMore">Whether there is more behind it at this moment.</param>
public sealed record EventPage(IReadOnlyList<StreamEvent> Events, Cursor Cursor, bool HasMore);

/// <summary>An event as the stream keeps it.</summary>
/// <param name="Cursor">Its place.</param>
/// <param name="Type">The protocol's name for it.</param>
/// <param name="Message">The message that it is about, as it is now; null for an event that is about none.</param>
/// <param name="Data">The <c>data</c> member in UTF-8; empty where <paramref name="Message"/> says it.</param>
public sealed record StreamEvent(Cursor Cursor, string Type, Message? Message, ReadOnlyMemory<byte> Data);
