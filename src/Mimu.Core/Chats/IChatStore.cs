namespace Mimu.Core.Chats;

/// <summary>Chats and who is in them.</summary>
public interface IChatStore
{
    /// <summary>Adds a chat with its participants, in whose streams its events are from now on.</summary>
    ValueTask AddAsync(Chat chat);

    /// <summary>The direct chat of two people; null if there is none.</summary>
    ValueTask<ChatId?> FindDirectAsync(UserId one, UserId other);

    /// <summary>The caller's place in a chat; null when it is not theirs to know of.</summary>
    ValueTask<Membership?> FindMembershipAsync(ChatId chat, UserId user);

    /// <summary>Who is in a chat, in no order: whom an event is for.</summary>
    ValueTask<IReadOnlyList<UserId>> ListParticipantsAsync(ChatId chat);

    /// <summary>The chat as this participant sees it; null when they are not in it.</summary>
    ValueTask<ChatView?> ViewAsync(ChatId chat, UserId user, DateTimeOffset now);

    /// <summary>The chats that somebody is in.</summary>
    ValueTask<IReadOnlyList<ChatId>> ListChatsAsync(UserId user);

    /// <summary>Everyone who shares a chat with somebody, each once.</summary>
    ValueTask<IReadOnlyList<UserId>> ListContactsAsync(UserId user);

    /// <summary>
    /// Takes somebody out of a chat, whose <c>membership_version</c> goes up; null when they are not in it. A direct chat is read-only from then on. The
    /// chat's events after this are not in their stream.
    /// </summary>
    ValueTask<RemovedParticipant?> RemoveParticipantAsync(ChatId chat, UserId user, DateTimeOffset now);

    /// <summary>Makes the longest-standing participant of a group without an admin its admin; null when there is one, or nobody at all, or no group.</summary>
    ValueTask<UserId?> AppointAdminAsync(ChatId chat);

    /// <summary>Removes a chat with its messages.</summary>
    ValueTask RemoveAsync(ChatId chat);

    /// <summary>Notes that something happened in a chat.</summary>
    ValueTask TouchAsync(ChatId chat, DateTimeOffset now);
}
