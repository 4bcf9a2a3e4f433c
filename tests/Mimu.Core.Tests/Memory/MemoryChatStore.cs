using System.Collections.Immutable;
using Mimu.Core.Chats;
using Mimu.Core.Events;
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
        var users = chat.Participants.Select(one => one.UserId).ToList();
        var stored = new StoredChat(chat)
        {
            Pair = chat.Type is ChatType.Direct ? [.. users] : [],
            Joined = users.ToImmutableDictionary(user => user, _ => tx.State.End.Position),
            Spans = [.. users.Select(user => (user, tx.State.End.Position, long.MaxValue))],
            Activity = tx.State.End.Position,
        };
        tx.State = tx.State with { Chats = tx.State.Chats.Add(chat.Id, stored) };
        return ValueTask.CompletedTask;
    }

    public ValueTask<ChatId?> FindDirectAsync(UserId one, UserId other) => new(Direct(one, other)?.Chat.Id);

    public ValueTask<Membership?> FindMembershipAsync(ChatId chat, UserId user) => new(Find(chat, user) is { } stored
        ? new Membership(stored.Chat.MembershipVersion, stored.Chat.MessageTtl, stored.Joined[user],
            stored.Pair.Any(other => other != user && (!IsIn(stored, other) || tx.State.Blocks.Contains((other, user)))),
            stored.Chat.Type, stored.Chat.Participants.First(one => one.UserId == user).Role)
        : null);

    public ValueTask<IReadOnlyList<UserId>> ListParticipantsAsync(ChatId chat) =>
        new(tx.State.Chats.TryGetValue(chat, out var stored) ? stored.Chat.Participants.Select(one => one.UserId).ToList() : []);

    public ValueTask<ChatView?> ViewAsync(ChatId chat, UserId user, DateTimeOffset now)
    {
        if (Find(chat, user) is not { } stored)
        {
            return new((ChatView?)null);
        }
        var visible = tx.State.Stream.Skip((int)stored.Joined[user]).Where(entry => entry.Audience == chat.Value)
            .Select(entry => entry.Visible(now)).OfType<Message>().ToList();
        var read = stored.Read.TryGetValue(user, out var marker) ? marker : default;
        var last = tx.State.Stream.FindLast(entry => entry.Audience == chat.Value && entry.Message is not null)?.Message;
        var seen = stored.Chat with { UpdatedAt = last?.CreatedAt > stored.Chat.UpdatedAt ? last.CreatedAt : stored.Chat.UpdatedAt };
        return new(new ChatView(seen, visible.LastOrDefault(), visible.Count(message => message.SenderId != user && message.Position > read.Position),
            read.Position > 0 ? read.Message : null));
    }

    public async ValueTask<ChatPage?> PageAsync(UserId user, ChatListCursor? before, int limit, DateTimeOffset now)
    {
        var end = tx.State.End;
        if (before is { } cursor && (cursor.Epoch != end.Epoch || cursor.Snapshot > end.Position))
        {
            return null;
        }
        var snapshot = before?.Snapshot ?? end.Position;
        var chats = tx.State.Chats.Values.Where(stored => IsIn(stored, user) && stored.Joined[user] < snapshot)
            .Select(stored => (stored.Chat.Id, Activity: ActivityAt(stored, user, snapshot)))
            .Where(place => place.Activity < (before?.Activity ?? long.MaxValue)).OrderByDescending(place => place.Activity).Take(limit + 1).ToList();
        var views = new List<ChatView>();
        foreach (var place in chats.Take(limit))
        {
            views.Add((await ViewAsync(place.Id, user, now))!);
        }
        return new ChatPage(views, chats.Count > limit ? new ChatListCursor(end.Epoch, snapshot, chats[limit - 1].Activity) : null);
    }

    private long ActivityAt(StoredChat stored, UserId user, long snapshot) =>
        tx.State.Stream.Take((int)snapshot).Select((entry, i) => (entry, Position: i + 1L))
            .Where(at => at.entry.Audience == stored.Chat.Id.Value && at.entry.Type is not (nameof(MessageEdited) or nameof(MessageDeleted) or nameof(MessageRead)))
            .Select(at => at.Position).Append(stored.Joined[user]).Append(stored.Activity <= snapshot ? stored.Activity : 0).Max();

    public ValueTask<IReadOnlyList<UserId>> ListViewersAsync(ChatId chat, long position) =>
        new(tx.State.Chats.TryGetValue(chat, out var stored) ? stored.Joined.Where(one => one.Value < position).Select(one => one.Key).ToList() : []);

    public ValueTask<Participant?> FindParticipantAsync(ChatId chat, UserId user) =>
        new(Find(chat, user)?.Chat.Participants.First(one => one.UserId == user));

    public ValueTask AddParticipantAsync(ChatId chat, UserId user, DateTimeOffset now)
    {
        var stored = tx.State.Chats[chat];
        var account = tx.State.Accounts[user];
        Replace(stored with
        {
            Chat = stored.Chat with
            {
                MembershipVersion = stored.Chat.MembershipVersion + 1,
                Participants = [.. stored.Chat.Participants, new Participant(user, account.PublicId.Value, account.DisplayName, ParticipantRole.Member, now)],
            },
            Joined = stored.Joined.Add(user, tx.State.End.Position),
            Spans = stored.Spans.Add((user, tx.State.End.Position, long.MaxValue)),
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<ChatId>> ListChatsAsync(UserId user) =>
        new(tx.State.Chats.Values.Where(stored => IsIn(stored, user)).Select(stored => stored.Chat.Id).ToList());

    public ValueTask<IReadOnlyList<UserId>> ListContactsAsync(UserId user) => new(tx.State.Chats.Values.Where(stored => IsIn(stored, user))
        .SelectMany(stored => stored.Chat.Participants).Select(one => one.UserId).Where(one => one != user).Distinct().ToList());

    public ValueTask<bool> ShareChatAsync(UserId one, UserId other) => new(tx.State.Chats.Values.Any(stored => IsIn(stored, one) && IsIn(stored, other)));

    public ValueTask<RemovedParticipant?> RemoveParticipantAsync(ChatId chat, UserId user)
    {
        if (Find(chat, user) is not { } stored)
        {
            return new((RemovedParticipant?)null);
        }
        var version = stored.Chat.MembershipVersion + 1;
        Replace(stored with
        {
            Chat = stored.Chat with { MembershipVersion = version, Participants = stored.Chat.Participants.Where(one => one.UserId != user).ToList() },
            Joined = stored.Joined.Remove(user),
            Read = stored.Read.Remove(user),
        });
        return new(new RemovedParticipant(stored.Chat.Participants.First(one => one.UserId == user).Role, version));
    }

    public ValueTask EndViewAsync(ChatId chat, UserId user)
    {
        var stored = tx.State.Chats[chat];
        Replace(stored with
        {
            Spans = [.. stored.Spans.Select(span => span.User == user && span.Until == long.MaxValue ? span with { Until = tx.State.End.Position } : span)],
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask SetRoleAsync(ChatId chat, UserId user, ParticipantRole role)
    {
        var stored = tx.State.Chats[chat];
        Replace(stored with
        {
            Chat = stored.Chat with { Participants = stored.Chat.Participants.Select(one => one.UserId == user ? one with { Role = role } : one).ToList() },
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask ChangeAsync(ChatId chat, byte[]? encryptedMetadata, int? messageTtl)
    {
        var stored = tx.State.Chats[chat];
        Replace(stored with { Chat = stored.Chat with { EncryptedMetadata = encryptedMetadata, MessageTtl = messageTtl } });
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> MoveReadMarkerAsync(ChatId chat, UserId user, MessageId message, long position)
    {
        var stored = tx.State.Chats[chat];
        if (stored.Read.TryGetValue(user, out var present) && present.Position >= position)
        {
            return new(false);
        }
        Replace(stored with { Read = stored.Read.SetItem(user, (position, message)) });
        return new(true);
    }

    public ValueTask<UserId?> AppointAdminAsync(ChatId chat)
    {
        if (!tx.State.Chats.TryGetValue(chat, out var stored) || stored.Chat is not { Type: ChatType.Group, Participants: [var first, ..] }
            || stored.Chat.Participants.Any(one => one.Role is ParticipantRole.Admin))
        {
            return new((UserId?)null);
        }
        // Of those who came at once it is who opened the chat, else the lowest id.
        var heir = stored.Chat.Participants.MinBy(one => (stored.Joined[one.UserId], one.UserId != stored.Chat.CreatedBy, Convert.ToHexString(one.UserId.Value.ToByteArray(bigEndian: true)))) ?? first;
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
            FormerSpans = tx.State.FormerSpans.Add(chat, tx.State.Chats[chat].Spans),
            Stream = [.. tx.State.Stream.Select(entry => entry.Audience == chat.Value && entry.Type == nameof(NewMessage) ? entry with { Message = null, IsRemoved = true } : entry)],
        };
        return ValueTask.CompletedTask;
    }

    private void Replace(StoredChat stored) => tx.State = tx.State with { Chats = tx.State.Chats.SetItem(stored.Chat.Id, stored) };

    public ValueTask TouchAsync(ChatId chat, DateTimeOffset now, long position)
    {
        var stored = tx.State.Chats[chat];
        tx.State = tx.State with { Chats = tx.State.Chats.SetItem(chat, stored with { Chat = stored.Chat with { UpdatedAt = now }, Activity = position }) };
        return ValueTask.CompletedTask;
    }

    private StoredChat? Direct(UserId one, UserId other) => tx.State.Chats.Values.FirstOrDefault(stored =>
        stored.Pair.Contains(one) && stored.Pair.Contains(other));

    private StoredChat? Find(ChatId chat, UserId user) => tx.State.Chats.TryGetValue(chat, out var stored) && IsIn(stored, user) ? stored : null;

    private static bool IsIn(StoredChat stored, UserId user) => stored.Chat.Participants.Any(one => one.UserId == user);
}
