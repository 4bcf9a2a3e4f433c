using System.Collections.Immutable;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Invites;
using Mimu.Core.Keys;
using Mimu.Core.Media;
using Mimu.Core.Messages;
using Mimu.Core.Push;
using Mimu.Core.Sessions;
using Mimu.Core.Subscriptions;

namespace Mimu.Core.Tests.Memory;

/// <summary>Everything that is stored. Nothing in it ever changes: a transaction makes a new one, so that a snapshot costs nothing and undoing is forgetting.</summary>
internal sealed record MemoryState
{
    /// <summary>Names the database in its cursors; any number does.</summary>
    public const uint Epoch = 7;

    public ImmutableDictionary<UserId, Account> Accounts { get; init; } = ImmutableDictionary<UserId, Account>.Empty;

    public ImmutableSortedDictionary<string, UserId> Names { get; init; } = ImmutableSortedDictionary.Create<string, UserId>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<(UserId, int), Device> Devices { get; init; } =
        ImmutableSortedDictionary.Create<(UserId User, int Id), Device>(Comparer<(UserId User, int Id)>.Create((one, other) =>
            (one.User.Value, one.Id).CompareTo((other.User.Value, other.Id))));

    public ImmutableDictionary<SessionId, Session> Sessions { get; init; } = ImmutableDictionary<SessionId, Session>.Empty;

    /// <summary>By the hash in hex.</summary>
    public ImmutableDictionary<string, RefreshToken> Tokens { get; init; } = ImmutableDictionary<string, RefreshToken>.Empty;

    /// <summary>Those that are left, in the order in which they came.</summary>
    public ImmutableList<(UserId User, int DeviceId, Prekey Key)> Prekeys { get; init; } = [];

    /// <summary>By the hash in hex, in the order of their numbers.</summary>
    public ImmutableList<(string Hash, Invite Invite)> Invites { get; init; } = [];

    public long LastInvite { get; init; }

    /// <summary>Until when each is good, by the hash in hex.</summary>
    public ImmutableDictionary<string, DateTimeOffset> UsedResets { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    /// <summary>Every number that a device ever used, with the key that it is of.</summary>
    public ImmutableDictionary<(UserId User, int DeviceId, PrekeyKind Space, int KeyId), (PrekeyKind Kind, string Digest)> PrekeyNumbers { get; init; } =
        ImmutableDictionary<(UserId User, int DeviceId, PrekeyKind Space, int KeyId), (PrekeyKind Kind, string Digest)>.Empty;

    public ImmutableDictionary<UserId, KeyBackup> KeyBackups { get; init; } = ImmutableDictionary<UserId, KeyBackup>.Empty;

    public ImmutableHashSet<(UserId User, UserId Blocked)> Blocks { get; init; } = [];

    /// <summary>The number that each account's last device was given; 1 for who is not in it.</summary>
    public ImmutableDictionary<UserId, int> LastDevices { get; init; } = ImmutableDictionary<UserId, int>.Empty;

    /// <summary>Removed files whose blobs are erased.</summary>
    public ImmutableHashSet<string> ErasedFiles { get; init; } = [];

    /// <summary>By the key, in order.</summary>
    public ImmutableSortedDictionary<string, MediaFile> Files { get; init; } = ImmutableSortedDictionary.Create<string, MediaFile>(StringComparer.Ordinal);

    /// <summary>In the order in which they came.</summary>
    public ImmutableList<PushRegistration> Registrations { get; init; } = [];

    /// <summary>When each was last pushed.</summary>
    public ImmutableDictionary<RegistrationId, DateTimeOffset> Pushed { get; init; } = ImmutableDictionary<RegistrationId, DateTimeOffset>.Empty;

    public ImmutableDictionary<RegistrationId, QueuedWakeUp> PushQueue { get; init; } = ImmutableDictionary<RegistrationId, QueuedWakeUp>.Empty;

    public ImmutableDictionary<(StorePlatform Platform, string Id), OwnedPurchase> Purchases { get; init; } = ImmutableDictionary<(StorePlatform, string), OwnedPurchase>.Empty;

    public ImmutableDictionary<UserId, DateTimeOffset> Grants { get; init; } = ImmutableDictionary<UserId, DateTimeOffset>.Empty;

    /// <summary>What each was told of their subscription.</summary>
    public ImmutableDictionary<UserId, (string Text, DateTimeOffset? ChangesAt)> Told { get; init; } = ImmutableDictionary<UserId, (string, DateTimeOffset?)>.Empty;

    public ImmutableDictionary<(StorePlatform Platform, string Id), DateTimeOffset> StoreMessages { get; init; } = ImmutableDictionary<(StorePlatform, string), DateTimeOffset>.Empty;

    public ImmutableList<SubscriptionNote> SubscriptionLog { get; init; } = [];

    /// <summary>Whose streams are gone.</summary>
    public ImmutableHashSet<UserId> Forgotten { get; init; } = [];

    public ImmutableDictionary<ChatId, StoredChat> Chats { get; init; } = ImmutableDictionary<ChatId, StoredChat>.Empty;

    /// <summary>Who was when in a chat that is no more.</summary>
    public ImmutableDictionary<ChatId, ImmutableList<(UserId User, long From, long Until)>> FormerSpans { get; init; } =
        ImmutableDictionary<ChatId, ImmutableList<(UserId User, long From, long Until)>>.Empty;

    /// <summary>The one at index n has position n + 1.</summary>
    public ImmutableList<StreamEntry> Stream { get; init; } = [];

    /// <summary>Cursors before it are served no longer.</summary>
    public long Floor { get; init; }

    /// <summary>Where the end was when.</summary>
    public ImmutableList<(long Position, DateTimeOffset At)> Marks { get; init; } = [];

    public Cursor End => new(Epoch, Stream.Count);
}

/// <summary>A chat, and what only the server knows of it.</summary>
internal sealed record StoredChat(Chat Chat)
{
    /// <summary>Of a direct chat: both sides, also one who is no more.</summary>
    public ImmutableList<UserId> Pair { get; init; } = [];

    /// <summary>From where on each participant sees it.</summary>
    public ImmutableDictionary<UserId, long> Joined { get; init; } = ImmutableDictionary<UserId, long>.Empty;

    /// <summary>The stretches of everyone who is or was in it.</summary>
    public ImmutableList<(UserId User, long From, long Until)> Spans { get; init; } = [];

    public ImmutableDictionary<UserId, (long Position, MessageId Message)> Read { get; init; } = ImmutableDictionary<UserId, (long, MessageId)>.Empty;

    public long Activity { get; init; }
}

/// <summary>What happened: a message, or another event. A message that is gone keeps its place.</summary>
internal sealed record StreamEntry(Guid Audience, Message? Message, string Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>Of an edit: where its message stands; of a message: where its last edit stands.</summary>
    public long? Other { get; init; }

    /// <summary>Whether retention has taken it or, of a message, the end of its chat.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>The message if there is one to be seen.</summary>
    public Message? Visible(DateTimeOffset now) => Message is null || Message.IsGone(now) ? null : Message;
}

/// <summary>A wake-up that waits.</summary>
internal sealed record QueuedWakeUp(DateTimeOffset Due, DateTimeOffset ExpiresAt, int Attempts, bool IsSending)
{
    /// <summary>Whether something new has come while it is being sent.</summary>
    public bool HasNew { get; init; }
}
