using Mimu.Core.Accounts;
using Mimu.Core.Calls;
using Mimu.Core.Chats;
using Mimu.Core.Messages;
using Mimu.Core.Subscriptions;

namespace Mimu.Core.Events;

/// <summary>Something that changes what a user sees (protocol section 6). The set is closed: these records and no others.</summary>
public abstract record Event
{
    private protected Event()
    {
    }

    /// <summary>The protocol's name for it.</summary>
    public abstract string Type { get; }
}

/// <summary>A message was sent into a chat. Its row is its place in the stream, so that there is never one without the other.</summary>
public sealed record NewMessage(Message Message) : Event
{
    public override string Type => nameof(NewMessage);
}

/// <summary>A message says something else now. Its place is after the message; whoever reads it gets the message as it is by then.</summary>
public sealed record MessageEdited(Message Message) : Event
{
    public override string Type => nameof(MessageEdited);
}

/// <summary>A message is gone.</summary>
public sealed record MessageDeleted(ChatId ChatId, MessageId MessageId) : Event
{
    public override string Type => nameof(MessageDeleted);
}

/// <summary>Somebody has read up to here.</summary>
public sealed record MessageRead(ChatId ChatId, UserId UserId, MessageId MessageId) : Event
{
    public override string Type => nameof(MessageRead);
}

/// <summary>Somebody's place in a chat has changed.</summary>
/// <param name="ChatId">The chat.</param>
/// <param name="UserId">Whose place it is.</param>
/// <param name="PublicId">Their name.</param>
/// <param name="By">Who did it.</param>
/// <param name="Role">The role that they have; of a removed one, the role that they had.</param>
/// <param name="MembershipVersion">The chat's version with the change.</param>
public sealed record ParticipantChange(ChatId ChatId, UserId UserId, PublicId PublicId, UserId By, ParticipantRole Role, long MembershipVersion);

/// <summary>Somebody has joined a chat. They themselves get <see cref="ChatCreated"/> instead.</summary>
public sealed record ParticipantAdded(ParticipantChange Change) : Event
{
    public override string Type => nameof(ParticipantAdded);
}

/// <summary>Somebody has left a chat or was removed from it. The last that they hear of it.</summary>
public sealed record ParticipantRemoved(ParticipantChange Change) : Event
{
    public override string Type => nameof(ParticipantRemoved);
}

/// <summary>Somebody in a chat has another role.</summary>
public sealed record ParticipantRoleChanged(ParticipantChange Change) : Event
{
    public override string Type => nameof(ParticipantRoleChanged);
}

/// <summary>Somebody writes, or stopped writing. Told to the others who are online and kept nowhere.</summary>
public sealed record TypingIndicator(ChatId ChatId, UserId UserId, bool Active) : Event
{
    public override string Type => nameof(TypingIndicator);
}

/// <summary>Somebody who shares a chat has a new identity: the keys that were checked before are theirs no more.</summary>
public sealed record IdentityChanged(UserId UserId, PublicId PublicId, string Fingerprint) : Event
{
    public override string Type => nameof(IdentityChanged);
}

/// <summary>Somebody who shares a chat has linked or removed a device.</summary>
public sealed record DevicesChanged(UserId UserId, PublicId PublicId, string Fingerprint) : Event
{
    public override string Type => nameof(DevicesChanged);
}

/// <summary>A device has few one-time prekeys left. Told to the sockets of that device and kept nowhere.</summary>
public sealed record PrekeysLow(int DeviceId, int OneTimePrekeyCount, int PqOneTimePrekeyCount) : Event
{
    public override string Type => nameof(PrekeysLow);
}

/// <summary>What one end of a call says to the other, or the server to both (protocol section 9). Told to sockets of the devices that it is for; with a call, it is kept in memory alone.</summary>
/// <param name="Word">What is said.</param>
/// <param name="From">The other end.</param>
/// <param name="FromDevice">Its device; null when it is none in particular.</param>
/// <param name="CallId">The call, as who began it named it.</param>
/// <param name="Payload">JSON as the client wrote it, byte for byte.</param>
public sealed record CallSignal(CallWord Word, UserId From, int? FromDevice, Guid CallId, ReadOnlyMemory<byte> Payload) : Event
{
    public override string Type => Word.ToString();

    /// <summary>Without the payload, so that it gets into no log.</summary>
    public override string ToString() => $"{Word} {CallId}";
}

/// <summary>A session has ended. No client is told; its sockets close (protocol 2.4).</summary>
public sealed record SessionEnded(SessionId Session, SessionEnding Reason = SessionEnding.Over) : Event
{
    public override string Type => nameof(SessionEnded);
}

/// <summary>The user's own subscription is another by now.</summary>
public sealed record SubscriptionChanged(SubscriptionStatus Status) : Event
{
    public override string Type => nameof(SubscriptionChanged);
}

/// <summary>Wake-ups wait that were not there before. Told to those who send pushes, and to no client.</summary>
public sealed record WakeUpsQueued : Event
{
    private WakeUpsQueued()
    {
    }

    public static WakeUpsQueued One { get; } = new();

    public override string Type => nameof(WakeUpsQueued);
}

/// <summary>Why a session has ended, as far as its sockets are told.</summary>
public enum SessionEnding
{
    /// <summary>Somebody signed out, or what the session rested on has changed: 4401.</summary>
    Over,

    /// <summary>An administrator disabled the account: 4403.</summary>
    AccountDisabled,
}

/// <summary>A chat's metadata or the life of its messages has changed.</summary>
public sealed record ChatUpdated(Chat Chat) : Event
{
    public override string Type => nameof(ChatUpdated);
}

/// <summary>The user is in a chat that was not there before.</summary>
public sealed record ChatCreated(Chat Chat) : Event
{
    public override string Type => nameof(ChatCreated);
}
