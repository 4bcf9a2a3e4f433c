using Mimu.Core.Events;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryEventStore(MemoryTransaction tx) : IEventStore
{
    /// <summary>Payload bytes after which a page ends.</summary>
    private const int MaxPageBytes = 512 * 1024;

    public ValueTask<Cursor> AppendAsync(ChatId audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now) => Append(audience.Value, type, data);

    public ValueTask<Cursor> AppendAsync(UserId audience, string type, ReadOnlyMemory<byte> data, DateTimeOffset now) => Append(audience.Value, type, data);

    public ValueTask ForgetAsync(UserId user)
    {
        tx.State = tx.State with { Forgotten = tx.State.Forgotten.Add(user) };
        return ValueTask.CompletedTask;
    }

    private ValueTask<Cursor> Append(Guid audience, string type, ReadOnlyMemory<byte> data)
    {
        tx.State = tx.State with { Stream = tx.State.Stream.Add(new StreamEntry(audience, Message: null, IsDeleted: false, type, data.ToArray())) };
        return new(tx.State.End);
    }

    public ValueTask<Cursor> EndAsync() => new(tx.State.End);

    public ValueTask<EventPage?> ReadAsync(UserId user, Cursor since, int limit, DateTimeOffset now)
    {
        var end = tx.State.End;
        if (since.Epoch != end.Epoch || since.Position > end.Position)
        {
            return new((EventPage?)null);
        }
        var events = new List<StreamEvent>();
        var bytes = 0;
        foreach (var (position, entry) in tx.State.Stream.Skip((int)since.Position).Select((entry, i) => (since.Position + i + 1, entry)))
        {
            if (!Sees(user, entry, position) || (entry.Message is not null && entry.Visible(now) is null))
            {
                continue;
            }
            if (events.Count == limit || bytes >= MaxPageBytes)
            {
                return new(new EventPage(events, events[^1].Cursor, HasMore: true));
            }
            events.Add(new StreamEvent(end with { Position = position }, entry.Type, entry.Message, entry.Data));
            bytes += entry.Message?.Payload.Length ?? entry.Data.Length;
        }
        return new(new EventPage(events, end, HasMore: false));
    }

    private bool Sees(UserId user, StreamEntry entry, long position)
    {
        if (tx.State.Forgotten.Contains(user) || entry.Audience == user.Value)
        {
            return entry.Audience == user.Value && !tx.State.Forgotten.Contains(user);
        }
        return tx.State.Chats.TryGetValue(new ChatId(entry.Audience), out var stored) && position > stored.JoinedPosition
            && (stored.Chat.Participants.Any(one => one.UserId == user) || (stored.Left.TryGetValue(user, out var until) && position <= until));
    }
}
