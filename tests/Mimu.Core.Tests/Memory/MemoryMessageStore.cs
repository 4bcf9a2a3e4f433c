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
        tx.State = tx.State with { Stream = tx.State.Stream.Add(new StreamEntry(message.ChatId.Value, stored, IsDeleted: false, nameof(NewMessage), default)) };
        return new(tx.State.End);
    }

    public ValueTask<Message?> FindSentAsync(UserId sender, Guid clientMessageId) => new(Sent(sender, clientMessageId));

    public ValueTask<long?> FindPositionAsync(ChatId chat, MessageId message) =>
        new(tx.State.Stream.Find(entry => entry.Message?.Id == message && entry.Audience == chat.Value)?.Message?.Position);

    public ValueTask<MessagePage> ListAsync(ChatId chat, MessageRange range, DateTimeOffset now)
    {
        var visible = tx.State.Stream.Where(entry => entry.Audience == chat.Value).Select(entry => entry.Visible(now)).OfType<Message>()
            .Where(message => message.Position > range.After && message.Position < range.Before);
        var found = (range.OldestFirst ? visible : visible.Reverse()).Take(range.Limit + 1).ToList();
        return new(new MessagePage(found.Take(range.Limit).ToList(), found.Count > range.Limit));
    }

    private Message? Sent(UserId sender, Guid own) =>
        tx.State.Stream.Find(entry => entry.Message?.SenderId == sender && entry.Message.ClientMessageId == own)?.Message;
}
