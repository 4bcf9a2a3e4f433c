using System.Runtime.InteropServices;
using Mimu.Core;
using Mimu.Core.Chats;

namespace Mimu.Embedded.Sqlite;

/// <summary>
/// Who is in the chats that are written to, and what they may do: asked for with every message. Only the one writer has it, whose own changes are the only ones
/// that there are: a store that changes a chat forgets it here, and work that is undone forgets everything.
/// </summary>
internal sealed class MembershipCache
{
    /// <summary>The most people in all chats together that are remembered, about 20 MB; then all begins anew.</summary>
    private const int MaxRemembered = 100_000;

    private readonly Dictionary<ChatId, Entry> _chats = [];
    private int _remembered;

    public Membership? Find(ChatId chat, UserId user) => _chats.TryGetValue(chat, out var entry) && entry.Memberships.TryGetValue(user, out var membership) ? membership : null;

    public IReadOnlyList<UserId>? Find(ChatId chat) => _chats.TryGetValue(chat, out var entry) ? entry.Participants : null;

    /// <summary>Remembers what was read, unless nobody is in it: strangers are not remembered.</summary>
    public Membership? Remember(ChatId chat, UserId user, Membership? membership)
    {
        if (membership is not null)
        {
            EntryOf(chat).Memberships[user] = membership;
            _remembered++;
        }
        return membership;
    }

    /// <inheritdoc cref="Remember(ChatId, UserId, Membership?)"/>
    public IReadOnlyList<UserId> Remember(ChatId chat, IReadOnlyList<UserId> participants)
    {
        if (participants.Count > 0)
        {
            EntryOf(chat).Participants = participants;
            _remembered += participants.Count;
        }
        return participants;
    }

    public void Forget(ChatId chat) => _chats.Remove(chat);

    public void ForgetAll()
    {
        _chats.Clear();
        _remembered = 0;
    }

    private Entry EntryOf(ChatId chat)
    {
        if (_remembered > MaxRemembered)
        {
            ForgetAll();
        }
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_chats, chat, out _);
        return entry ??= new Entry();
    }

    private sealed class Entry
    {
        public Dictionary<UserId, Membership> Memberships { get; } = [];

        public IReadOnlyList<UserId>? Participants { get; set; }
    }
}
