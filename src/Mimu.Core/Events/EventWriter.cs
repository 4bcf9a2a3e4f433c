using Mimu.Core.Messages;
using Mimu.Core.Storage;

namespace Mimu.Core.Events;

/// <summary>Appends events to the stream in the transaction of their cause, and has them told after its commit.</summary>
public sealed class EventWriter(IEventEncoder encoder, TimeProvider clock)
{
    /// <summary>An event for all participants of a chat.</summary>
    public async ValueTask AppendAsync(ITransaction tx, ChatId chat, Event happened, IReadOnlyList<UserId> audience, SessionId? origin)
    {
        var cursor = await tx.Events.AppendAsync(chat, happened.Type, encoder.Encode(happened), clock.Now());
        tx.Publish(new Publication(cursor, happened, audience, origin));
    }

    /// <summary>The same, of what moves the chat to the top of its participants' lists.</summary>
    public ValueTask AppendActivityAsync(ITransaction tx, ChatId chat, Event happened, IReadOnlyList<UserId> audience, SessionId? origin) =>
        AppendActivityAsync(tx, chat, happened, audience, origin, clock.Now());

    /// <summary>The same, at a moment that the event itself tells.</summary>
    public async ValueTask AppendActivityAsync(
        ITransaction tx, ChatId chat, Event happened, IReadOnlyList<UserId> audience, SessionId? origin, DateTimeOffset now)
    {
        var cursor = await tx.Events.AppendAsync(chat, happened.Type, encoder.Encode(happened), now);
        await tx.Chats.TouchAsync(chat, now, cursor.Position);
        tx.Publish(new Publication(cursor, happened, audience, origin));
    }

    /// <summary>A message says something else. The stream keeps no copy of it: a replay tells what it says by then.</summary>
    public async ValueTask<Cursor> AppendEditAsync(ITransaction tx, Message edited, IReadOnlyList<UserId> audience, SessionId? origin)
    {
        var cursor = await tx.Events.AppendEditAsync(edited, clock.Now());
        tx.Publish(new Publication(cursor, new MessageEdited(edited), audience, origin));
        return cursor;
    }

    /// <summary>An event for each of these people, in a stream of their own: what they have in common is not a chat.</summary>
    public async ValueTask AppendToEachAsync(ITransaction tx, IReadOnlyList<UserId> users, Event happened, SessionId? origin)
    {
        var (data, now) = (encoder.Encode(happened), clock.Now());
        foreach (var user in users)
        {
            var cursor = await tx.Events.AppendAsync(user, happened.Type, data, now);
            tx.Publish(new Publication(cursor, happened, [user], origin));
        }
    }
}

/// <summary>Gives an event its form on the wire (protocol section 6).</summary>
public interface IEventEncoder
{
    /// <summary>The <c>data</c> member: JSON in UTF-8.</summary>
    ReadOnlyMemory<byte> Encode(Event happened);
}
