using Mimu.Core.Chats;
using Mimu.Core.Messages;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryChatStore(MemoryTransaction tx) : IChatStore
{
    public ValueTask AddAsync(Chat chat)
    {
        if (chat.Type is ChatType.Direct && Direct(chat.Participants[0].UserId, chat.Participants[1].UserId) is not null)
        {
            throw new InvalidOperationException("The two have a direct chat.");
        }
        tx.State = tx.State with { Chats = tx.State.Chats.Add(chat.Id, new StoredChat(chat, tx.State.End.Position)) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<ChatId?> FindDirectAsync(UserId one, UserId other) => new(Direct(one, other)?.Chat.Id);

    public ValueTask<Membership?> FindMembershipAsync(ChatId chat, UserId user) => new(Find(chat, user) is { } stored
        ? new Membership(stored.Chat.MembershipVersion, stored.Chat.MessageTtl, stored.JoinedPosition)
        : null);

    public ValueTask<IReadOnlyList<UserId>> ListParticipantsAsync(ChatId chat) =>
        new(tx.State.Chats.TryGetValue(chat, out var stored) ? stored.Chat.Participants.Select(one => one.UserId).ToList() : []);

    public ValueTask<ChatView?> ViewAsync(ChatId chat, UserId user, DateTimeOffset now)
    {
        if (Find(chat, user) is not { } stored)
        {
            return new((ChatView?)null);
        }
        var visible = tx.State.Stream.Skip((int)stored.JoinedPosition).Where(entry => entry.Audience == chat)
            .Select(entry => entry.Visible(now)).OfType<Message>().ToList();
        return new(new ChatView(stored.Chat, visible.LastOrDefault(), visible.Count(message => message.SenderId != user), ReadMarker: null));
    }

    public ValueTask TouchAsync(ChatId chat, DateTimeOffset now)
    {
        var stored = tx.State.Chats[chat];
        tx.State = tx.State with { Chats = tx.State.Chats.SetItem(chat, stored with { Chat = stored.Chat with { UpdatedAt = now } }) };
        return ValueTask.CompletedTask;
    }

    private StoredChat? Direct(UserId one, UserId other) => tx.State.Chats.Values.FirstOrDefault(stored =>
        stored.Chat.Type is ChatType.Direct && IsIn(stored, one) && IsIn(stored, other));

    private StoredChat? Find(ChatId chat, UserId user) => tx.State.Chats.TryGetValue(chat, out var stored) && IsIn(stored, user) ? stored : null;

    private static bool IsIn(StoredChat stored, UserId user) => stored.Chat.Participants.Any(one => one.UserId == user);
}
