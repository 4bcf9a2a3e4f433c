namespace Mimu.Core.Messages;

/// <summary>A message (protocol section 5). What it says, only its readers know.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Position">Its place in the stream, which is its place in its chat too; 0 before it is stored.</param>
/// <param name="ChatId">Where it was sent.</param>
/// <param name="SenderId">Who sent it.</param>
/// <param name="SenderDeviceId">From which of their devices.</param>
/// <param name="Type">1–32 of <c>a-z 0-9 _ . -</c>.</param>
/// <param name="Payload">Opaque; given back byte for byte.</param>
/// <param name="ReplyTo">A message of the same chat; null for none.</param>
/// <param name="ForwardedFrom">The original; null when it is not forwarded.</param>
/// <param name="CreatedAt">When it was taken.</param>
/// <param name="EditedAt">Null when it never was.</param>
/// <param name="ExpiresAt">From then on it is never returned; null for never.</param>
/// <param name="ClientMessageId">The sender's own id, told to nobody else; null for none.</param>
public sealed record Message(
    MessageId Id,
    long Position,
    ChatId ChatId,
    UserId SenderId,
    int SenderDeviceId,
    string Type,
    byte[] Payload,
    MessageId? ReplyTo,
    MessageId? ForwardedFrom,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EditedAt,
    DateTimeOffset? ExpiresAt,
    Guid? ClientMessageId)
{
    /// <summary>Whether it is a tombstone: its row keeps its place, its payload is erased.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>Whether nobody is shown it any more.</summary>
    public bool IsGone(DateTimeOffset now) => IsDeleted || ExpiresAt <= now;
}

/// <summary>Some messages of a chat.</summary>
/// <param name="Messages">In the order that was asked for.</param>
/// <param name="HasMore">Whether there are more behind the last.</param>
public sealed record MessagePage(IReadOnlyList<Message> Messages, bool HasMore);

/// <summary>Which messages of a chat are asked for.</summary>
/// <param name="After">Strictly after this position.</param>
/// <param name="Before">Strictly before this position.</param>
/// <param name="OldestFirst">The order.</param>
/// <param name="Limit">At most so many.</param>
public sealed record MessageRange(long After, long Before, bool OldestFirst, int Limit);
