using Mimu.Core.Storage;
using Mimu.Core.Tests.Memory;
using Mimu.Specification;

namespace Mimu.Core.Tests;

// The back end that the tests of the rules stand on does what every back end must.

public sealed class InMemoryTransactions : DatabaseSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryConcurrency : DatabaseConcurrencySpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryBatches : BatchSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryAccountStore : AccountStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryDeviceStore : DeviceStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemorySessionStore : SessionStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryInviteStore : InviteStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryResetStore : ResetStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryKeyStore : KeyStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryChatStore : ChatStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryMessageStore : MessageStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryEventStore : EventStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryEventPaging : EventPagingSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryPubSubInOneList : PubSubSpec
{
    protected override IPubSub Open() => new MemoryPubSub();
}

public sealed class InMemoryBlockStore : BlockStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryKeyBackupStore : KeyBackupStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryDepartures : DepartureSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryMessageChanges : MessageChangeSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryChatLists : ChatListSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryParticipants : ParticipantSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryEventRetention : EventRetentionSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryFileStore : FileStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemoryBlobStore : BlobStoreSpec
{
    protected override ValueTask<IBlobStoreUnderTest> OpenAsync() => new(new MemoryBlobs());
}

public sealed class InMemoryPushStore : PushStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}

public sealed class InMemorySubscriptionStore : SubscriptionStoreSpec
{
    protected override ValueTask<IBackendUnderTest> OpenAsync() => new(new MemoryDatabase());
}
