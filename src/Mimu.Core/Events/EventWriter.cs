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
