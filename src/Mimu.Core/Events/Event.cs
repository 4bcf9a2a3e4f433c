using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Messages;

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

/// <summary>A session has ended. No client is told; its sockets close (protocol 2.4).</summary>
public sealed record SessionEnded(SessionId Session, SessionEnding Reason = SessionEnding.Over) : Event
{
    public override string Type => nameof(SessionEnded);
}

/// <summary>Why a session has ended, as far as its sockets are told.</summary>
public enum SessionEnding
{
    /// <summary>Somebody signed out, or what the session rested on has changed: 4401.</summary>
    Over,

    /// <summary>An administrator disabled the account: 4403.</summary>
    AccountDisabled,
}

/// <summary>The user is in a chat that was not there before.</summary>
public sealed record ChatCreated(Chat Chat) : Event
{
    public override string Type => nameof(ChatCreated);
}
