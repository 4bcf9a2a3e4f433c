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
using Mimu.Core.Storage;
using Mimu.Core.Subscriptions;

namespace Mimu.Core.Tests.Memory;

/// <summary>The stores over a state that nobody else sees until it is committed.</summary>
internal sealed class MemoryTransaction(MemoryState state, bool mayWrite) : ITransaction
{
    public MemoryState State
    {
        get;
        set => field = mayWrite ? value : throw new InvalidOperationException("A read may not write.");
    } = state;

    public List<Publication> Published { get; } = [];

    public IAccountStore Accounts => new MemoryAccountStore(this);

    public IDeviceStore Devices => new MemoryDeviceStore(this);

    public ISessionStore Sessions => new MemorySessionStore(this);

    public IInviteStore Invites => new MemoryInviteStore(this);

    public IResetStore Resets => new MemoryResetStore(this);

    public IKeyStore Keys => new MemoryKeyStore(this);

    public IKeyBackupStore KeyBackups => new MemoryKeyBackupStore(this);

    public IBlockStore Blocks => new MemoryBlockStore(this);

    public IChatStore Chats => new MemoryChatStore(this);

    public IMessageStore Messages => new MemoryMessageStore(this);

    public IEventStore Events => new MemoryEventStore(this);

    public IFileStore Files => new MemoryFileStore(this);

    public IPushStore Push => new MemoryPushStore(this);

    public ISubscriptionStore Subscriptions => new MemorySubscriptionStore(this);

    public void Publish(Publication publication) => Published.Add(publication);
}
