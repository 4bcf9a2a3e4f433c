using Mimu.Core.Events;
using Mimu.Core.Messages;

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

    public ValueTask<Cursor> AppendEditAsync(Message edited, DateTimeOffset now) => Append(edited.ChatId.Value, nameof(MessageEdited), default, edited.Position);

    public ValueTask MarkAsync(DateTimeOffset now, DateTimeOffset unlessSince)
    {
        if (!tx.State.Marks.Exists(mark => mark.At > unlessSince && mark.At <= now))
        {
            tx.State = tx.State with { Marks = tx.State.Marks.Add((tx.State.End.Position, now)) };
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<int> RetireAsync(DateTimeOffset before, int limit)
    {
        var floor = tx.State.Marks.Where(mark => mark.At <= before).Select(mark => mark.Position).Append(tx.State.Floor).Max();
        var old = Enumerable.Range(0, (int)floor).Where(i => tx.State.Stream[i] is { IsRemoved: false, Type: not nameof(NewMessage) }).Take(limit).ToList();
        var stream = tx.State.Stream.ToBuilder();
        old.ForEach(i => stream[i] = stream[i] with { IsRemoved = true });
        tx.State = tx.State with { Floor = floor, Stream = stream.ToImmutable() };
        return new(old.Count);
    }

    private ValueTask<Cursor> Append(Guid audience, string type, ReadOnlyMemory<byte> data, long? edited = null)
    {
        tx.State = tx.State with { Stream = tx.State.Stream.Add(new StreamEntry(audience, Message: null, type, data.ToArray()) { Other = edited }) };
        return new(tx.State.End);
    }

    public ValueTask<Cursor> EndAsync() => new(tx.State.End);

    public ValueTask<EventPage?> ReadAsync(UserId user, Cursor since, int limit, DateTimeOffset now)
    {
        var end = tx.State.End;
        if (since.Position < tx.State.Floor || since.Epoch != end.Epoch || since.Position > end.Position)
        {
            return new((EventPage?)null);
        }
        var events = new List<StreamEvent>();
        var bytes = 0;
        foreach (var (position, entry) in tx.State.Stream.Skip((int)since.Position).Select((entry, i) => (since.Position + i + 1, entry)))
        {
            if (entry.IsRemoved || SpanOf(user, entry, position) is not { } span || Shown(entry, position, span, now) is not { } happened)
            {
                continue;
            }
            if (events.Count == limit || bytes >= MaxPageBytes)
            {
                return new(new EventPage(events, events[^1].Cursor, HasMore: true));
            }
            events.Add(happened);
            bytes += happened.Message?.Payload.Length ?? happened.Data.Length;
        }
        return new(new EventPage(events, end, HasMore: false));
    }

    private StreamEvent? Shown(StreamEntry entry, long position, (long From, long Until) span, DateTimeOffset now)
    {
        var cursor = tx.State.End with { Position = position };
        var isEdit = entry is { Message: null, Other: not null };
        if (!isEdit && entry.Type != nameof(NewMessage))
        {
            return new StreamEvent(cursor, entry.Type, Message: null, entry.Data);
        }
        var stored = isEdit ? tx.State.Stream[(int)entry.Other!.Value - 1] : entry;
        return stored.Visible(now) is { } message && message.Position > span.From && (stored.Other ?? 0) <= span.Until
            ? new StreamEvent(cursor, entry.Type, message, default)
            : null;
    }

    private (long From, long Until)? SpanOf(UserId user, StreamEntry entry, long position)
    {
        if (tx.State.Forgotten.Contains(user))
        {
            return null;
        }
        if (entry.Audience == user.Value)
        {
            return (0, long.MaxValue);
        }
        var chat = new ChatId(entry.Audience);
        return (tx.State.Chats.GetValueOrDefault(chat)?.Spans ?? tx.State.FormerSpans.GetValueOrDefault(chat)) is { } spans
            ? spans.Where(span => span.User == user && position > span.From && position <= span.Until).Select(span => ((long, long)?)(span.From, span.Until)).FirstOrDefault()
            : null;
    }
}
