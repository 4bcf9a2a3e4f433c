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
        var stored = new StoredChat(chat, tx.State.End.Position) { Pair = chat.Type is ChatType.Direct ? [.. chat.Participants.Select(one => one.UserId)] : [] };
        tx.State = tx.State with { Chats = tx.State.Chats.Add(chat.Id, stored) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<ChatId?> FindDirectAsync(UserId one, UserId other) => new(Direct(one, other)?.Chat.Id);

    public ValueTask<Membership?> FindMembershipAsync(ChatId chat, UserId user) => new(Find(chat, user) is { } stored
        ? new Membership(stored.Chat.MembershipVersion, stored.Chat.MessageTtl, stored.JoinedPosition,
            stored.Pair.Any(other => other != user && (!IsIn(stored, other) || tx.State.Blocks.Contains((other, user)))))
        : null);

    public ValueTask<IReadOnlyList<UserId>> ListParticipantsAsync(ChatId chat) =>
        new(tx.State.Chats.TryGetValue(chat, out var stored) ? stored.Chat.Participants.Select(one => one.UserId).ToList() : []);

    public ValueTask<ChatView?> ViewAsync(ChatId chat, UserId user, DateTimeOffset now)
    {
        if (Find(chat, user) is not { } stored)
        {
            return new((ChatView?)null);
        }
        var visible = tx.State.Stream.Skip((int)stored.JoinedPosition).Where(entry => entry.Audience == chat.Value)
            .Select(entry => entry.Visible(now)).OfType<Message>().ToList();
        return new(new ChatView(stored.Chat, visible.LastOrDefault(), visible.Count(message => message.SenderId != user), ReadMarker: null));
    }

    public ValueTask<IReadOnlyList<ChatId>> ListChatsAsync(UserId user) =>
        new(tx.State.Chats.Values.Where(stored => IsIn(stored, user)).Select(stored => stored.Chat.Id).ToList());

    public ValueTask<IReadOnlyList<UserId>> ListContactsAsync(UserId user) => new(tx.State.Chats.Values.Where(stored => IsIn(stored, user))
        .SelectMany(stored => stored.Chat.Participants).Select(one => one.UserId).Where(one => one != user).Distinct().ToList());

    public ValueTask<RemovedParticipant?> RemoveParticipantAsync(ChatId chat, UserId user, DateTimeOffset now)
    {
        if (Find(chat, user) is not { } stored)
        {
            return new((RemovedParticipant?)null);
        }
        var version = stored.Chat.MembershipVersion + 1;
        Replace(stored with
        {
            Chat = stored.Chat with
            {
                MembershipVersion = version,
                UpdatedAt = now,
                Participants = stored.Chat.Participants.Where(one => one.UserId != user).ToList(),
            },
            Left = stored.Left.SetItem(user, tx.State.End.Position),
        });
        return new(new RemovedParticipant(stored.Chat.Participants.First(one => one.UserId == user).Role, version));
    }

    public ValueTask<UserId?> AppointAdminAsync(ChatId chat)
    {
        if (!tx.State.Chats.TryGetValue(chat, out var stored) || stored.Chat is not { Type: ChatType.Group, Participants: [var first, ..] }
            || stored.Chat.Participants.Any(one => one.Role is ParticipantRole.Admin))
        {
            return new((UserId?)null);
        }
        // All came at once: then it is the lowest id.
        var heir = stored.Chat.Participants.MinBy(one => Convert.ToHexString(one.UserId.Value.ToByteArray(bigEndian: true))) ?? first;
        Replace(stored with
        {
            Chat = stored.Chat with { Participants = stored.Chat.Participants.Select(one => one == heir ? one with { Role = ParticipantRole.Admin } : one).ToList() },
        });
        return new(heir.UserId);
    }

    public ValueTask RemoveAsync(ChatId chat)
    {
        tx.State = tx.State with
        {
            Chats = tx.State.Chats.Remove(chat),
            Stream = [.. tx.State.Stream.Select(entry => entry.Message?.ChatId == chat ? entry with { Message = null, IsDeleted = true } : entry)],
        };
        return ValueTask.CompletedTask;
    }

    private void Replace(StoredChat stored) => tx.State = tx.State with { Chats = tx.State.Chats.SetItem(stored.Chat.Id, stored) };

    public ValueTask TouchAsync(ChatId chat, DateTimeOffset now)
    {
        var stored = tx.State.Chats[chat];
        tx.State = tx.State with { Chats = tx.State.Chats.SetItem(chat, stored with { Chat = stored.Chat with { UpdatedAt = now } }) };
        return ValueTask.CompletedTask;
    }

    private StoredChat? Direct(UserId one, UserId other) => tx.State.Chats.Values.FirstOrDefault(stored =>
        stored.Pair.Contains(one) && stored.Pair.Contains(other));

    private StoredChat? Find(ChatId chat, UserId user) => tx.State.Chats.TryGetValue(chat, out var stored) && IsIn(stored, user) ? stored : null;

    private static bool IsIn(StoredChat stored, UserId user) => stored.Chat.Participants.Any(one => one.UserId == user);
}
