using System.Buffers.Binary;
using System.Buffers.Text;
using Mimu.Core.Messages;

namespace Mimu.Core.Chats;

/// <summary>People who write to each other (protocol section 4).</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Two people, or a group.</param>
/// <param name="CreatedBy">Who opened it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="UpdatedAt">When it last changed or got a message.</param>
/// <param name="MembershipVersion">Goes up by one with each joining, leaving and removal.</param>
/// <param name="EncryptedMetadata">Opaque; null for none.</param>
/// <param name="MessageTtl">Seconds that messages live; null for ever.</param>
/// <param name="Participants">Who is in it, the longest-standing first; of those who came at once, who opened it, then by id.</param>
public sealed record Chat(
    ChatId Id,
    ChatType Type,
    UserId CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    long MembershipVersion,
    byte[]? EncryptedMetadata,
    int? MessageTtl,
    IReadOnlyList<Participant> Participants);

/// <summary>The numbers are persisted: frozen.</summary>
public enum ChatType
{
    Direct = 1,
    Group = 2,
}

/// <summary>Someone in a chat.</summary>
public sealed record Participant(UserId UserId, string PublicId, string DisplayName, ParticipantRole Role, DateTimeOffset JoinedAt);

/// <summary>The numbers are persisted: frozen.</summary>
public enum ParticipantRole
{
    Member = 1,
    Admin = 2,
}

/// <summary>What one participant may do in a chat, and from where on they see it.</summary>
/// <param name="MembershipVersion">The chat's present version.</param>
/// <param name="MessageTtl">Seconds that messages live; null for ever.</param>
/// <param name="JoinedPosition">Messages up to here are not theirs to see.</param>
/// <param name="IsReadOnly">Whether they may send nothing: a direct chat whose other side blocks them or is no more.</param>
/// <param name="Type">Two people, or a group.</param>
/// <param name="Role">What they are in it.</param>
public sealed record Membership(
    long MembershipVersion, int? MessageTtl, long JoinedPosition, bool IsReadOnly, ChatType Type, ParticipantRole Role)
{
    /// <summary>Whether they see what stands at this place of the stream.</summary>
    public bool Sees(long position) => position > JoinedPosition;
}

/// <summary>What somebody was who is no longer in a chat.</summary>
/// <param name="Role">The role that they had.</param>
/// <param name="MembershipVersion">The chat's version without them.</param>
public sealed record RemovedParticipant(ParticipantRole Role, long MembershipVersion);

/// <summary>A chat as one participant sees it.</summary>
/// <param name="Chat">The chat.</param>
/// <param name="LastMessage">The newest one that they may see; null for none.</param>
/// <param name="UnreadCount">Sent by others after the read marker or joining.</param>
/// <param name="ReadMarker">How far they have read; null before the first.</param>
public sealed record ChatView(Chat Chat, Message? LastMessage, long UnreadCount, MessageId? ReadMarker);

/// <summary>Where a list of chats goes on. Clients hold its text.</summary>
/// <param name="Epoch">Names the database that handed it out.</param>
/// <param name="Snapshot">Where the stream's end was when the list began: chats that move after it keep their place in the list.</param>
/// <param name="Activity">Strictly before this place.</param>
public readonly record struct ChatListCursor(uint Epoch, long Snapshot, long Activity)
{
    private const int Size = sizeof(uint) + (2 * sizeof(long));

    /// <summary>Base64url of the three, big endian.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Epoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes[sizeof(uint)..], Snapshot);
        BinaryPrimitives.WriteInt64BigEndian(bytes[(sizeof(uint) + sizeof(long))..], Activity);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; false for anything else.</summary>
    public static bool TryParse(string text, out ChatListCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (!Base64Url.IsValid(text, out var length) || length != Size || !Base64Url.TryDecodeFromChars(text, bytes, out _))
        {
            return false;
        }
        cursor = new ChatListCursor(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[sizeof(uint)..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[(sizeof(uint) + sizeof(long))..]));
        return true;
    }
}

/// <summary>Some of somebody's chats.</summary>
/// <param name="Chats">The last to be active first.</param>
/// <param name="Next">Where the list goes on; null at its end.</param>
public sealed record ChatPage(IReadOnlyList<ChatView> Chats, ChatListCursor? Next);
