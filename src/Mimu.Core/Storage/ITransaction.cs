using Mimu.Core.Accounts;
using Mimu.Core.Blocks;
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

namespace Mimu.Core.Storage;

/// <summary>All stores, as one transaction sees them.</summary>
public interface ITransaction
{
    IAccountStore Accounts { get; }

    IDeviceStore Devices { get; }

    ISessionStore Sessions { get; }

    IInviteStore Invites { get; }

    IResetStore Resets { get; }

    IKeyStore Keys { get; }

    IKeyBackupStore KeyBackups { get; }

    IBlockStore Blocks { get; }

    IChatStore Chats { get; }

    IMessageStore Messages { get; }

    IEventStore Events { get; }

    IFileStore Files { get; }

    IPushStore Push { get; }

    ISubscriptionStore Subscriptions { get; }

    /// <summary>Tells the event to those of its audience who are online, once this transaction is committed, in commit order; never, if it is not.</summary>
    void Publish(Publication publication);
}
