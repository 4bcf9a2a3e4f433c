using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryMessageStore(MemoryTransaction tx) : IMessageStore
{
    public ValueTask<Cursor> AddAsync(Message message)
    {
        if (message.ClientMessageId is { } own && Sent(message.SenderId, own) is not null)
        {
            throw new InvalidOperationException("The sender has sent something under this id.");
        }
        if (!tx.State.Chats.ContainsKey(message.ChatId))
        {
            throw new InvalidOperationException("There is no such chat.");
        }
        var stored = message with { Position = tx.State.End.Position + 1 };
        tx.State = tx.State with { Stream = tx.State.Stream.Add(new StreamEntry(message.ChatId.Value, stored, nameof(NewMessage), default)) };
        return new(tx.State.End);
    }

    public ValueTask<Message?> FindSentAsync(UserId sender, Guid clientMessageId) => new(Sent(sender, clientMessageId));

    public ValueTask<Message?> FindAsync(MessageId message) => new(tx.State.Stream.Find(entry => entry.Message?.Id == message)?.Message);

    public ValueTask<long?> FindPositionAsync(ChatId chat, MessageId message) =>
        new(tx.State.Stream.Find(entry => entry.Message?.Id == message && entry.Audience == chat.Value)?.Message?.Position);

    public ValueTask EditAsync(Message edited, long position)
    {
        Replace(tx.State.Stream.FindIndex(entry => entry.Message?.Id == edited.Id), entry => entry with
        {
            Message = entry.Message! with { Payload = edited.Payload, EditedAt = edited.EditedAt },
            Other = position,
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask EraseAsync(MessageId message)
    {
        Erase(tx.State.Stream.FindIndex(entry => entry.Message?.Id == message));
        return ValueTask.CompletedTask;
    }

    public ValueTask<int> EraseExpiredAsync(DateTimeOffset now, int limit)
    {
        var expired = Places(entry => entry.Message is { IsDeleted: false } message && message.ExpiresAt <= now).Take(limit).ToList();
        expired.ForEach(Erase);
        return new(expired.Count);
    }

    public ValueTask<int> RemoveOlderAsync(DateTimeOffset before, int limit)
    {
        var old = Places(entry => entry.Message is not null).Take(limit).Where(i => tx.State.Stream[i].Message!.CreatedAt < before).ToList();
        old.ForEach(NoteActivity);
        old.ForEach(i => Replace(i, entry => entry with { Message = null, IsRemoved = true }));
        return new(old.Count);
    }

    public ValueTask<MessagePage> ListAsync(ChatId chat, MessageRange range, DateTimeOffset now)
    {
        var visible = tx.State.Stream.Where(entry => entry.Audience == chat.Value).Select(entry => entry.Visible(now)).OfType<Message>()
            .Where(message => message.Position > range.After && message.Position < range.Before);
        var found = (range.OldestFirst ? visible : visible.Reverse()).Take(range.Limit + 1).ToList();
        return new(new MessagePage(found.Take(range.Limit).ToList(), found.Count > range.Limit));
    }

    /// <summary>When a chat was last active is what its last message says; once that is gone, the chat has to.</summary>
    private void NoteActivity(int place)
    {
        var message = tx.State.Stream[place].Message!;
        var stored = tx.State.Chats[message.ChatId];
        tx.State = tx.State with
        {
            Chats = tx.State.Chats.SetItem(message.ChatId, stored with
            {
                Chat = stored.Chat with { UpdatedAt = message.CreatedAt > stored.Chat.UpdatedAt ? message.CreatedAt : stored.Chat.UpdatedAt },
                Activity = Math.Max(stored.Activity, message.Position),
            }),
        };
    }

    private IEnumerable<int> Places(Predicate<StreamEntry> matches) => Enumerable.Range(0, tx.State.Stream.Count).Where(i => matches(tx.State.Stream[i]));

    private void Erase(int place) => Replace(place, entry => entry with { Message = entry.Message! with { Payload = [], IsDeleted = true } });

    private void Replace(int place, Func<StreamEntry, StreamEntry> change) =>
        tx.State = tx.State with { Stream = tx.State.Stream.SetItem(place, change(tx.State.Stream[place])) };

    private Message? Sent(UserId sender, Guid own) =>
        tx.State.Stream.Find(entry => entry.Message?.SenderId == sender && entry.Message.ClientMessageId == own)?.Message;
}
