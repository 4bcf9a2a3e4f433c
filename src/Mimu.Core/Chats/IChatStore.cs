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

    /// <summary>Those of them who see what stands at this place of the stream.</summary>
    ValueTask<IReadOnlyList<UserId>> ListViewersAsync(ChatId chat, long position);

    /// <summary>Somebody in a chat; null when they are not in it.</summary>
    ValueTask<Participant?> FindParticipantAsync(ChatId chat, UserId user);

    /// <summary>The chat as this participant sees it; null when they are not in it.</summary>
    ValueTask<ChatView?> ViewAsync(ChatId chat, UserId user, DateTimeOffset now);

    /// <summary>The chats that somebody is in.</summary>
    ValueTask<IReadOnlyList<ChatId>> ListChatsAsync(UserId user);

    /// <summary>Everyone who shares a chat with somebody, each once.</summary>
    ValueTask<IReadOnlyList<UserId>> ListContactsAsync(UserId user);

    /// <summary>Whether two people are in a chat together.</summary>
    ValueTask<bool> ShareChatAsync(UserId one, UserId other);

    /// <summary>A page of somebody's chats, the last to be active first; null when the cursor is not one that this database handed out.</summary>
    ValueTask<ChatPage?> PageAsync(UserId user, ChatListCursor? before, int limit, DateTimeOffset now);

    /// <summary>Puts somebody into a group, whose <c>membership_version</c> goes up. What comes after this is theirs to see.</summary>
    ValueTask AddParticipantAsync(ChatId chat, UserId user, DateTimeOffset now);

    /// <summary>
    /// Takes somebody out of a chat, whose <c>membership_version</c> goes up; null when they are not in it. A direct chat is read-only from then on. The
    /// chat's events stay in their stream until <see cref="EndViewAsync"/>.
    /// </summary>
    ValueTask<RemovedParticipant?> RemoveParticipantAsync(ChatId chat, UserId user);

    /// <summary>The chat's events after this are not in the stream of somebody who is no longer in it.</summary>
    ValueTask EndViewAsync(ChatId chat, UserId user);

    /// <summary>Gives somebody in a chat another role.</summary>
    ValueTask SetRoleAsync(ChatId chat, UserId user, ParticipantRole role);

    /// <summary>Changes what a chat says of itself.</summary>
    ValueTask ChangeAsync(ChatId chat, byte[]? encryptedMetadata, int? messageTtl);

    /// <summary>Notes how far somebody has read; false when that was further already.</summary>
    ValueTask<bool> MoveReadMarkerAsync(ChatId chat, UserId user, MessageId message, long position);

    /// <summary>Makes the longest-standing participant of a group without an admin, the first that a view lists, its admin; null when there is one, or nobody at all, or no group.</summary>
    ValueTask<UserId?> AppointAdminAsync(ChatId chat);

    /// <summary>
    /// Removes a chat with its messages. Its other events stay in the streams of those who were in it, of whom some may have been away and don't know yet that
    /// they are in it no more.
    /// </summary>
    ValueTask RemoveAsync(ChatId chat);

    /// <summary>Notes that something happened in a chat, at this place of the stream. Of messages it need not be told: they say so themselves.</summary>
    ValueTask TouchAsync(ChatId chat, DateTimeOffset now, long position);
}
